"""What goes wrong in one process ends all of them, with one line, soon; and what was saved goes on."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import HERE, command_of, torchrun
from test_train import losses, one_line, words

STEPS = "train.steps=30"


def children(process: subprocess.Popen) -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def num_steps(run: Path) -> int:
    return max(losses(run), default=0) if (run / "metrics.jsonl").is_file() else 0


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "num_kills"), [("ddp", 12), ("fsdp", 8)])
def test_a_run_whose_processes_are_killed_at_random_moments_has_the_losses_of_one_that_was_not(
    tmp_path: Path, mode: str, num_kills: int
):
    # Steps of some 20 ms and a save every third: a random moment is within a save as often as not.
    options = ["train.steps=400", "train.save_every=3", f"parallel.mode={mode}", "train.optimizer.name=muon"]
    assert torchrun(2, *words(tmp_path / "whole", *options)).returncode == 0
    run, draw = tmp_path / "run", random.Random(0)
    command = command_of(2, *words(run, *options), restarts=num_kills)
    process = subprocess.Popen(command, cwd=HERE, env=os.environ | {"OMP_NUM_THREADS": "1"}, stderr=subprocess.DEVNULL)
    reached = 0
    for _ in range(num_kills):
        before = set(children(process))
        while process.poll() is None and num_steps(run) <= reached:
            time.sleep(0.02)
        time.sleep(draw.random() * 0.3)
        reached = num_steps(run)
        os.kill(draw.choice(children(process)), signal.SIGKILL)
        while process.poll() is None and before & set(children(process)):
            time.sleep(0.02)
    assert process.wait(240) == 0
    # Bit by bit: what was lost is computed again with the same numbers.
    assert losses(run) == losses(tmp_path / "whole")


@pytest.mark.slow
def test_a_process_that_dies_ends_the_others_within_a_minute(tmp_path: Path):
    command = command_of(3, *words(tmp_path / "run", "train.steps=100000"))
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, cwd=HERE, env=environment, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and num_steps(tmp_path / "run") < 5:
        time.sleep(0.05)
    os.kill(children(process)[1], signal.SIGKILL)
    start = time.monotonic()
    _, said = process.communicate(timeout=60)
    assert process.returncode != 0 and time.monotonic() - start < 60
    assert sum(line.startswith("lengthwise: ") for line in said.splitlines()) == 1, said


@pytest.mark.slow
def test_a_signal_to_one_process_ends_all_with_a_checkpoint(tmp_path: Path):
    run = tmp_path / "run"
    command = command_of(2, *words(run, "train.steps=100000", "train.save_every=0", "train.validate_every=0"))
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, cwd=HERE, env=environment, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and num_steps(run) < 5:
        time.sleep(0.05)
    os.kill(children(process)[1], signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert said.count("The same command resumes.") == 1
    (saved,) = (run / "checkpoints").iterdir()
    assert json.loads((saved / "meta.json").read_text())["progress"]["step"] >= 5


@pytest.mark.slow
def test_processes_started_with_different_settings_are_refused(tmp_path: Path):
    program = (
        "import os, sys; from lengthwise.cli import main\n"
        "main([*sys.argv[1:], 'train.clip_norm=' + os.environ['RANK']])"
    )
    (tmp_path / "program.py").write_text(program)
    done = torchrun(2, str(tmp_path / "program.py"), *words(tmp_path / "run", STEPS)[2:])
    assert done.returncode != 0
    assert "must be started with the same settings" in one_line(done) and "`train.clip_norm`" in one_line(done)


@pytest.mark.slow
def test_a_mistake_in_the_words_of_one_process_is_told_and_ends_all(tmp_path: Path):
    program = (
        "import os, sys; from lengthwise.cli import main\n"
        "main([*sys.argv[1:], 'train.clip_norm=1' if os.environ['RANK'] == '0' else 'train.clip_norn=1'])"
    )
    (tmp_path / "program.py").write_text(program)
    done = torchrun(3, str(tmp_path / "program.py"), *words(tmp_path / "run", STEPS)[2:])
    assert done.returncode != 0 and "`train.clip_norn`" in one_line(done)


NO_ROOM_FOR_MAIN = """
import os
from lengthwise.training.tracking.json_lines import JsonLines
real = JsonLines.log
def full(self, step, row):
    if step > 5:
        raise OSError(28, "No space left on device", "metrics.jsonl")
    return real(self, step, row)
JsonLines.log = full
from lengthwise.cli import main
main()
"""


@pytest.mark.slow
def test_what_the_main_process_alone_fails_from_is_told_once(tmp_path: Path):
    (tmp_path / "program.py").write_text(NO_ROOM_FOR_MAIN)
    done = torchrun(3, str(tmp_path / "program.py"), *words(tmp_path / "run", "train.steps=100000")[2:])
    assert done.returncode != 0 and "No space left on device" in one_line(done)


@pytest.mark.slow
def test_a_checkpoint_of_another_model_is_refused_by_all(tmp_path: Path):
    run = tmp_path / "run"
    assert torchrun(2, *words(run, "train.steps=4")).returncode == 0
    other = tmp_path / "other"
    assert torchrun(2, *words(other, "train.steps=4", "model.d_ff=64")).returncode == 0
    for path in (run / "checkpoints").iterdir():
        (other / "checkpoints" / path.name).rename(tmp_path / "aside")
        path.rename(other / "checkpoints" / path.name)
    done = torchrun(2, *words(other, "train.steps=8", "model.d_ff=64"), "--extend")
    assert done.returncode != 0 and "must be of this model" in one_line(done)


ONE_NAN = """
import os, torch
from lengthwise.training import objective
real = objective.Objective.forward
def broken(self, batch, counts):
    total, nll, statistics = real(self, batch, counts)
    return (total * float("nan") if os.environ["RANK"] == "1" else total), nll, statistics
objective.Objective.forward = broken
from lengthwise.cli import main
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["ddp", "fsdp"])
def test_nan_on_one_process_ends_all_before_the_update(tmp_path: Path, mode: str):
    (tmp_path / "program.py").write_text(ONE_NAN)
    done = torchrun(2, str(tmp_path / "program.py"), *words(tmp_path / "run", STEPS, f"parallel.mode={mode}")[2:])
    assert done.returncode != 0 and "must be finite, but is nan at step 1" in one_line(done)


FULL = """
import resource
from lengthwise.training.saving import Saver
real = Saver.begin
def full(self, path, *rest):
    if path.name.endswith("8"):
        # A limit on the size of files fails in the same calls as a full disk.
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    return real(self, path, *rest)
Saver.begin = full
from lengthwise.cli import main
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["ddp", "fsdp"])
def test_a_disk_that_fills_up_ends_all_and_the_run_goes_on_once_there_is_room(tmp_path: Path, mode: str):
    (tmp_path / "program.py").write_text(FULL)
    options = ["train.steps=12", "model.d_model=64", "model.d_ff=256", f"parallel.mode={mode}"]
    run = tmp_path / "run"
    done = torchrun(2, str(tmp_path / "program.py"), *words(run, *options)[2:])
    assert done.returncode != 0 and "could not be written" in one_line(done)
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == ["step-00000004", "step-00000006"]
    for where in (run, tmp_path / "whole"):
        assert torchrun(2, *words(where, *options)).returncode == 0
    assert losses(run) == losses(tmp_path / "whole")


@pytest.mark.slow
def test_two_machines_train_as_one(tmp_path: Path):
    """Two agents of torchrun that meet over loopback, one process each."""
    run, whole = tmp_path / "run", tmp_path / "whole"
    assert torchrun(2, *words(whole, "train.steps=6")).returncode == 0
    endpoint = "127.0.0.1:29517"
    agents = []
    for node in range(2):
        options = ["--nnodes", "2", "--nproc-per-node", "1", "--node-rank", str(node), "--rdzv-id", "meeting"]
        options += ["--rdzv-backend", "c10d", "--rdzv-endpoint", endpoint]
        command = [
            sys.executable,
            "-m",
            "torch.distributed.run",
            *options,
            "-m",
            "--",
            *words(run, "train.steps=6")[1:],
        ]
        agents.append(subprocess.Popen(command, cwd=HERE, env=os.environ | {"OMP_NUM_THREADS": "1"}))
    assert [agent.wait(240) for agent in agents] == [0, 0]
    assert losses(run) == losses(whole)
