"""`lengthwise train` under torchrun: the same losses on any number of processes, and one line where it fails."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import alone, torchrun

from lengthwise.training.tracking.json_lines import read_json_lines

SMALL = (
    "model.d_model=32", "model.d_ff=48", "model.num_heads=2", "data.max_length=12", "batch.tokens=256",
    "precision=fp32",
    "train.log_every=1", "train.validate_rows=7", "train.optimizer.name=adamw", "train.schedule.name=constant",
    "train.schedule.warmup_steps=1", "train.validate_every=6", "train.save_every=4",
)  # fmt: skip


def words(run: Path, *changes: str) -> list[str]:
    problem = ["--problem", "algorithmic.copy", "--model", "transformer.tiny"]
    return ["-m", "lengthwise", "train", *problem, "--run", str(run), *SMALL, *changes]


def losses(run: Path) -> dict[int, float]:
    return {row["step"]: row["loss"] for row in read_json_lines(run / "metrics.jsonl") if "loss" in row}


def scores(run: Path) -> dict[int, float]:
    rows = read_json_lines(run / "metrics.jsonl")
    return {row["step"]: row["validation/score"] for row in rows if "validation/score" in row}


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    said = [line for line in done.stderr.splitlines() if line.startswith("lengthwise: ")]
    assert len(said) == 1, done.stderr
    return said[0]


LENGTH = "train.steps=12"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one process, never stopped."""
    run = tmp_path_factory.mktemp("whole") / "run"
    done = alone(*words(run, LENGTH))
    assert done.returncode == 0, done.stderr
    return run


@pytest.mark.parametrize("mode", ["ddp", "fsdp"])
def test_two_processes_train_validate_and_save_as_one_does(tmp_path: Path, whole: Path, mode: str):
    done = torchrun(2, *words(tmp_path / "run", LENGTH, f"parallel.mode={mode}"))
    assert done.returncode == 0, done.stderr
    assert losses(tmp_path / "run") == pytest.approx(losses(whole), abs=1e-5)
    assert scores(tmp_path / "run") == scores(whole)
    assert (tmp_path / "run" / "samples" / "step-00000012.txt").is_file()
    decoded = subprocess.run(
        [sys.executable, "-m", "lengthwise", "decode", str(tmp_path / "run")],
        input="abc\n",
        capture_output=True,
        text=True,
    )
    assert decoded.returncode == 0 and len(decoded.stdout.splitlines()) == 1, decoded.stderr


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["ddp", "fsdp"])
def test_a_run_goes_on_with_another_number_of_processes(tmp_path: Path, whole: Path, mode: str):
    run = tmp_path / "run"
    assert alone(*words(run, "train.steps=4")).returncode == 0
    for number, steps in ((2, 8), (1, 12)):
        again = [*words(run, f"train.steps={steps}", f"parallel.mode={mode}"), "--extend"]
        done = torchrun(number, *again) if number > 1 else alone(*again)
        assert done.returncode == 0, done.stderr
    assert losses(run) == pytest.approx(losses(whole), abs=1e-5)


PACKED = ("model.d_model=32", "model.d_ff=48", "model.num_heads=2", "model.num_key_heads=1", "batch.tokens=200",
    "train.accumulate=2", "precision=fp32", "train.log_every=1", "train.validate_every=6",
    "train.save_every=4", "train.optimizer.name=adamw", "train.schedule.name=constant", "train.schedule.warmup_steps=1",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("is_packed", ["true", "false"])
@pytest.mark.parametrize("problem", ["documents:alone", "documents:mixed"])
def test_mixtures_packed_and_not_are_the_same_on_any_number_of_processes_and_after_a_resume(
    tmp_path: Path, problem: str, is_packed: str
):
    def packed(run: str, steps: int) -> list[str]:
        named = ["--problem", problem, "--model", "decoder.tiny", "--run", str(tmp_path / run), "--extend"]
        return ["-m", "lengthwise", "train", *named, *PACKED, f"batch.packed={is_packed}", f"train.steps={steps}"]

    assert alone(*packed("whole", 12)).returncode == 0
    assert alone(*packed("parts", 4)).returncode == 0
    for number, steps in ((2, 8), (1, 12)):
        done = torchrun(number, *packed("parts", steps)) if number > 1 else alone(*packed("parts", steps))
        assert done.returncode == 0, done.stderr
    assert losses(tmp_path / "parts") == pytest.approx(losses(tmp_path / "whole"), abs=1e-5)
    assert scores(tmp_path / "parts")[12] == pytest.approx(scores(tmp_path / "whole")[12], abs=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (("parallel.mode=fsdp", "parallel.shard=3"), "`parallel.shard` must divide the number of processes"),
        (("train.clip_norm=0", "train.optimizer.learning_rate=1e30", "train.schedule.name=constant"), "must be finite"),
    ],
)
def test_what_cannot_work_ends_every_process_with_one_line(tmp_path: Path, changes: tuple[str, ...], message: str):
    start = time.monotonic()
    done = torchrun(2, *words(tmp_path / "run", LENGTH, *changes))
    assert done.returncode != 0 and message in one_line(done)
    assert time.monotonic() - start < 60
