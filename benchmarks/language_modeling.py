"""Minutes to a plain GPT's loss: `python benchmarks/language_modeling.py gpt|ours --steps N [--json FILE]`.

`gpt`: a GPT-2 in plain PyTorch with nanoGPT's published recipe for CPUs (4 layers of width 128, 12 rows of 64 bytes,
2,000 updates; AdamW, warm-up over 100 updates, cosine to a tenth, clipping at 1), or its recipe for a GPU's size with
`--size baby`, at each of `--rates`. `ours`: `lengthwise train` for so many updates. Minutes are of training. Both read
the bytes of the same problem in bf16, compiled where that is asked for; scored on all bytes of its validation text.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The packages by name, whatever the directory that this file was started from.
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

from benchmarks.table import Row, machine_facts, show, write  # noqa: E402

PROBLEM = "language_modeling.wikipedia"
VOCAB = 259


@dataclass(frozen=True)
class Recipe:
    """nanoGPT's, by its own names: config/train_shakespeare_char.py and the CPU command of its README."""

    n_layer: int
    n_head: int
    n_embd: int
    block_size: int
    batch_size: int
    max_iters: int
    dropout: float
    warmup_iters: int = 100
    beta2: float = 0.99
    weight_decay: float = 0.1


RECIPES = {
    "cpu": Recipe(4, 4, 128, 64, 12, 2000, 0.0),
    "baby": Recipe(6, 6, 384, 256, 64, 5000, 0.2),
}


def streams() -> tuple[torch.Tensor, torch.Tensor, int]:
    """Training and validation tokens, texts one after the other, and the bytes of the validation texts."""
    from lengthwise.run import experiment_of, prepare_data

    prepared = prepare_data(experiment_of(None, PROBLEM, "decoder.tiny", {}))
    train, validation = prepared.split("train"), prepared.split("validation")
    joined = [np.concatenate([split.tokens(row)[1] for row in range(len(split))]) for split in (train, validation)]
    num_bytes = sum(len(validation.texts(row)[1].encode()) for row in range(len(validation)))
    return torch.from_numpy(joined[0]).long(), torch.from_numpy(joined[1]).long(), num_bytes


def train_gpt(recipe: Recipe, rate: float, seed: int, is_compiled: bool) -> dict[str, float]:
    """One run of the recipe: bits per byte of validation, minutes of training without those of compiling."""
    from benchmarks.peers.language_models import PlainModel
    from benchmarks.peers.trainer import Size

    tokens, validation, num_bytes = streams()
    torch.manual_seed(seed)
    size = Size(
        vocab=VOCAB,
        d_model=recipe.n_embd,
        d_ff=4 * recipe.n_embd,
        num_heads=recipe.n_head,
        num_decoder_layers=recipe.n_layer,
        dropout=recipe.dropout,
        max_positions=recipe.block_size,
    )
    model = PlainModel(size).train()
    decayed = [parameter for parameter in model.parameters() if parameter.ndim >= 2]
    others = [parameter for parameter in model.parameters() if parameter.ndim < 2]
    groups = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, recipe.beta2), fused=True)
    forward = torch.compile(model) if is_compiled else model
    generator, minutes = torch.Generator().manual_seed(seed), 0.0
    for step in range(recipe.max_iters):
        began = time.perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = rate * factor(step, recipe)
        begins = torch.randint(len(tokens) - recipe.block_size, (recipe.batch_size, 1), generator=generator)
        rows = tokens[begins + torch.arange(recipe.block_size + 1)]
        with torch.autocast("cpu", torch.bfloat16):
            logits = forward(rows[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1).float(), rows[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step:  # the first one compiles
            minutes += (time.perf_counter() - began) / 60
        if step % 500 == 0:
            print(f"  rate {rate} seed {seed} step {step} loss {loss.item():.4f}", file=sys.stderr, flush=True)
    nll = score_gpt(model.eval(), validation, recipe.block_size)
    return {"bits per byte": nll / math.log(2) / num_bytes, "minutes": minutes}


def factor(step: int, recipe: Recipe) -> float:
    """Of the learning rate: warm-up, then a cosine to a tenth."""
    if step < recipe.warmup_iters:
        return (step + 1) / (recipe.warmup_iters + 1)
    progress = (step - recipe.warmup_iters) / (recipe.max_iters - recipe.warmup_iters)
    return 0.1 + 0.45 * (1 + math.cos(math.pi * progress))


@torch.no_grad()
def score_gpt(model: torch.nn.Module, tokens: torch.Tensor, block: int) -> float:
    """Nats of all tokens, in windows that begin with the last token of the one before."""
    rows = tokens[: (len(tokens) - 1) // block * block + 1].unfold(0, block + 1, block)
    total = 0.0
    for part in rows.split(256):
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(part[:, :-1])
        total += F.cross_entropy(logits.flatten(0, 1).float(), part[:, 1:].flatten(), reduction="sum").item()
    return total * (len(tokens) - 1) / rows[:, 1:].numel()


def gpt(options: argparse.Namespace) -> list[Row]:
    """Every rate with the first seed, then the best one with the others."""
    recipe, rows = RECIPES[options.size], list[Row]()
    if options.iterations:
        from dataclasses import replace

        recipe = replace(recipe, max_iters=options.iterations)
    runs = {rate: train_gpt(recipe, rate, 0, options.compile) for rate in options.rates}
    best = min(runs, key=lambda rate: runs[rate]["bits per byte"])
    rows += [{"rate": str(rate), "seed": 0, **found} for rate, found in runs.items()]
    rows += [
        {"rate": str(best), "seed": seed, **train_gpt(recipe, best, seed, options.compile)}
        for seed in range(1, options.seeds)
    ]
    return rows


def ours(options: argparse.Namespace) -> list[Row]:
    """The command that users have, once for each seed; minutes are of training, as it counts them itself."""
    from lengthwise.training.tracking.json_lines import read_json_lines

    rows = list[Row]()
    for seed in range(options.seeds):
        with tempfile.TemporaryDirectory() as folder:
            run = f"{folder}/run"
            words = [f"train.steps={options.steps}", f"seed={seed}", "train.validate_every=0", *options.changes]
            named = ["--problem", PROBLEM, "--model", options.model]
            lengthwise = [sys.executable, "-m", "lengthwise"]
            subprocess.run([*lengthwise, "train", *named, "--run", run, *words], check=True)
            figures = f"{folder}/figures.json"
            subprocess.run([*lengthwise, "evaluate", run, "--json", figures], check=True)
            bits = json.loads(Path(figures).read_text())["teacher_forced"]["bits_per_byte"]
            seconds = [row["seconds"] for row in read_json_lines(Path(run) / "metrics.jsonl") if "seconds" in row]
        rows.append({"steps": options.steps, "seed": seed, "bits per byte": bits, "minutes": max(seconds) / 60})
    return rows


def main() -> None:
    """Run the mode asked for and write its result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=("gpt", "ours"))
    parser.add_argument("changes", nargs="*", help="of `ours`: path=value")
    parser.add_argument("--size", choices=RECIPES, default="cpu")
    parser.add_argument("--rates", type=float, nargs="+", default=[5e-4, 1e-3, 2e-3, 4e-3])
    parser.add_argument("--iterations", type=int, help="in place of the recipe's")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--model", default="decoder.tiny")
    parser.add_argument("--steps", type=int, default=760, help="of `ours`")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_intermixed_args()
    torch.set_num_threads(2)
    facts, rows = machine_facts(2), {"gpt": gpt, "ours": ours}[options.mode](options)
    show(f"{facts}", rows)
    write(options.json, {"machine": facts, "rows": rows})


if __name__ == "__main__":
    main()
