"""What processes, shapes and checkpoints cost: `python benchmarks/scaling.py processes|shapes|saves|resume`.

`processes`: 2 gloo processes of a thread each beside 1 process of 2 threads, in turns. `shapes`: tokens a second by
batch, length and depth. `saves`: seconds that training stands still for a checkpoint. `resume`: seconds until a run
that goes on has made its first new step.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The packages by name, whatever the directory that this file was started from.
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.table import Row, machine_facts, show, write  # noqa: E402

SPEC: dict[str, object] = {
    "width": 256, "layers": 4, "length": 128, "rows": 32, "steps": 25, "save_every": 0, "mode": "ddp"
}  # fmt: skip
WARMUP = 5
VOCAB = 8000


def work(spec: dict, folder: str) -> None:
    """In a process of its own: train a decoder on random tokens; the main one prints when each step ended."""
    from dataclasses import replace

    import torch

    from lengthwise import runtime
    from lengthwise.contracts import Batch, Feature, Features
    from lengthwise.losses import sequence_loss
    from lengthwise.models.decoder import tiny
    from lengthwise.parallel.config import ParallelConfig
    from lengthwise.training.config import OptimizerConfig, ScheduleConfig, TrainConfig
    from lengthwise.training.directory import RunDirectory
    from lengthwise.training.logs import Logs
    from lengthwise.training.loop import Job, train
    from lengthwise.world import joined

    times = [time.perf_counter()]

    class Timed(Logs):
        """Notes when each step ended."""

        def step(self, *arguments: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            times.append(time.perf_counter())

        def row(self, *arguments: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            """Nothing is recorded."""

    machine = runtime.resolve("cpu", "bf16")
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    runtime.keep_freed_memory()
    tokens = torch.randint(3, VOCAB, (spec["rows"], spec["length"]), generator=torch.Generator().manual_seed(0))
    model_config = replace(
        tiny(), d_model=spec["width"], d_ff=3 * spec["width"], num_heads=spec["width"] // 64,
        num_key_heads=spec["width"] // 64, num_layers=spec["layers"],
    )  # fmt: skip
    with joined(machine.world):
        runtime.seed_everything(0)
        job = Job(
            model=model_config.build(Features(inputs=None, targets=Feature(size=VOCAB))),
            loss=lambda model, batch, counts: sequence_loss(model(batch), batch, 0.0, counts),
            batches=lambda index, share: Batch(None, tokens).shared(share),
            config=TrainConfig(
                steps=spec["steps"],
                validate_every=0,
                save_every=spec["save_every"],
                optimizer=OptimizerConfig(name=spec.get("optimizer", "muon")),
                schedule=ScheduleConfig(name="constant", warmup_steps=1),
            ),
            runtime=machine,
            directory=RunDirectory(Path(folder)),
            parallel=ParallelConfig(mode=spec["mode"]),
        )
        job.directory.path.mkdir(parents=True, exist_ok=True)
        train(job, Timed(job.directory, machine.world))
    if machine.world.is_main:
        print("@" + json.dumps(times), flush=True)


def step_ends(spec: Mapping[str, object], num_processes: int, num_threads: int) -> list[float]:
    """When training began and each step ended, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(num_processes), "--"]
        command = [sys.executable, *(launcher if num_processes > 1 else []), str(Path(__file__).resolve())]
        command += ["work", json.dumps({**SPEC, **spec}), str(Path(folder) / "run")]
        done = subprocess.run(
            command, env={**os.environ, "OMP_NUM_THREADS": str(num_threads)}, capture_output=True, text=True
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith("@")]
    if not lines:
        raise SystemExit(done.stderr)
    return json.loads(lines[0][1:])


def rate(spec: Mapping[str, object], num_processes: int = 1, num_threads: int = 2) -> float:
    """Tokens a second: the median step after the warm-up."""
    ends = step_ends(spec, num_processes, num_threads)[WARMUP:]
    full = {**SPEC, **spec}
    tokens = int(str(full["rows"])) * int(str(full["length"]))
    return tokens / statistics.median(after - before for before, after in zip(ends[:-1], ends[1:], strict=True))


def processes(options: argparse.Namespace) -> list[Row]:
    """In turns, so that a noisy machine is as noisy for both."""
    kinds = {
        "1 process, 2 threads": ("ddp", 1, 2),
        "2 processes, ddp": ("ddp", 2, 1),
        "2 processes, fsdp": ("fsdp", 2, 1),
    }
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(options.rounds):
        for name, (mode, num_processes, num_threads) in kinds.items():
            spec = {"mode": mode, "width": options.width, "layers": options.layers}
            found[name].append(rate(spec, num_processes, num_threads))
    first = found["1 process, 2 threads"]
    return [
        {
            "what": name,
            "tokens/s": statistics.median(rates),
            "times one process": statistics.median(own / one for own, one in zip(rates, first, strict=True)),
        }
        for name, rates in found.items()
    ]


def shapes(options: argparse.Namespace) -> list[Row]:
    """One change at a time from the usual shape."""
    changes: list[dict[str, int]] = [{}]
    changes += [{"rows": rows} for rows in (4, 8, 16, 64)]
    changes += [{"length": length, "rows": 4096 // length} for length in (32, 64, 256, 512, 1024, 2048)]
    changes += [{"layers": layers} for layers in (1, 2, 8, 16)]
    return [
        {"what": ", ".join(f"{key} {value}" for key, value in change.items()) or "usual", "tokens/s": rate(change)}
        for change in changes
    ]


def saves(options: argparse.Namespace) -> list[Row]:
    """The wall time of equally many steps with checkpoints and without, in turns."""
    num_steps, every = 60, 10
    stalls, per_step = [], []
    for _ in range(options.rounds):
        spec = {"steps": num_steps, "width": options.width, "layers": options.layers}
        without, with_saves = (step_ends({**spec, "save_every": each}, 1, 2) for each in (0, every))
        # The last step's own checkpoint is written after it; the others fall between two steps.
        before, after = (ends[-1] - ends[WARMUP] for ends in (without, with_saves))
        stalls.append((after - before) / (num_steps // every - 1))
        per_step.append(before / (num_steps - WARMUP))
    figures = {
        "stall a save, ms": [1000 * each for each in stalls],
        "of a minute, %": [100 * each / 60 for each in stalls],
        "a step, ms": [1000 * each for each in per_step],
    }
    return [{"what": name, "median": statistics.median(each), "worst": max(each)} for name, each in figures.items()]


def resume(options: argparse.Namespace) -> list[Row]:
    """A command that goes on for one step, whole: from the shell to its end, a checkpoint included."""
    rows: list[Row] = []
    small = ["model.d_model=64", "model.d_ff=128", "train.validate_every=0", "train.log_every=100", "batch.tokens=512"]
    train = [sys.executable, "-m", "lengthwise", "train", "--problem", "translation.libreoffice_en_de"]
    train += ["--model", "transformer.tiny", *small]
    for steps in (50, 5000):
        with tempfile.TemporaryDirectory() as folder:
            for number in (steps, steps + 1):
                began = time.perf_counter()
                words = [*train, f"train.steps={number}", "--run", f"{folder}/run", "--extend"]
                subprocess.run(words, check=True, capture_output=True)
            rows.append({"what": f"one step more after {steps}", "seconds": time.perf_counter() - began})
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    rows.append({"what": "of which to import torch", "seconds": time.perf_counter() - began})
    return rows


def main() -> None:
    """Run the mode asked for and write its result."""
    if sys.argv[1:2] == ["work"]:
        work(json.loads(sys.argv[2]), sys.argv[3])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    modes = {"processes": processes, "shapes": shapes, "saves": saves, "resume": resume}
    parser.add_argument("mode", choices=modes)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    facts, rows = machine_facts(2), modes[options.mode](options)
    show(f"{facts}", rows)
    write(options.json, {"machine": facts, "rows": rows})


if __name__ == "__main__":
    main()
