import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from small_run import save, trained_state

from lengthwise.training.checkpoint import Progress
from lengthwise.training.directory import RunDirectory
from lengthwise.training.step import TrainingError


def saved_run(path: Path, *steps: int, keep_last: int = 9, best: dict[int, float] | None = None) -> RunDirectory:
    directory = RunDirectory(path)
    state = trained_state()
    progress = Progress()
    for step in steps:
        if best and step in best:
            progress = Progress(step=step, best_step=step, best_score=best[step])
        now = replace(progress, step=step)
        save(directory.place(step), state, now, partial(directory.keep, now, keep_last))
    return directory


def names(directory: RunDirectory) -> list[str]:
    return sorted(path.name for path in directory.checkpoints.iterdir())


def test_the_newest_and_the_best_are_kept(tmp_path: Path):
    directory = saved_run(tmp_path, 1, 2, 3, 4, 5, keep_last=2, best={2: 0.5})
    assert names(directory) == ["step-00000002", "step-00000004", "step-00000005"]
    assert directory.best() == directory.place(2)
    assert json.loads((tmp_path / "best.json").read_text()) == {
        "path": "checkpoints/step-00000002", "step": 2, "score": 0.5,
    }  # fmt: skip


def test_a_better_one_releases_the_old_best(tmp_path: Path):
    directory = saved_run(tmp_path, 1, 2, 3, 4, keep_last=1, best={1: 0.5, 3: 0.6})
    assert names(directory) == ["step-00000003", "step-00000004"]


def test_a_torn_checkpoint_is_skipped_and_named(tmp_path: Path):
    directory = saved_run(tmp_path, 1, 2, 3)
    weights = directory.place(3) / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    (directory.place(2) / "meta.json").write_text("{")
    said: list[str] = []
    found = directory.resume(said.append)
    assert found is not None and found[1].step == 1
    assert len(said) == 3
    assert "step-00000003" in said[0] and "weights.safetensors has 100 bytes" in said[0]
    assert "step-00000002" in said[1] and "meta.json is not readable" in said[1]
    assert said[2] == "Resumed from step-00000001."
    assert names(directory) == ["bad-step-00000002", "bad-step-00000003", "step-00000001"]


def test_going_back_before_the_best_takes_the_pointer_back(tmp_path: Path):
    directory = saved_run(tmp_path, 1, 2, 3, best={1: 0.1, 3: 0.9})
    (directory.place(3) / "meta.json").unlink()
    directory.resume(lambda line: None)
    assert directory.best() == directory.place(1)


def test_a_run_whose_checkpoints_are_all_bad_does_not_start_anew_unasked(tmp_path: Path):
    directory = saved_run(tmp_path, 1)
    (directory.place(1) / "meta.json").unlink()
    with pytest.raises(TrainingError, match="must be readable, but none is"):
        directory.resume(lambda line: None)
    assert names(directory) == ["step-00000001"]


def test_parts_left_by_a_killed_save_are_removed_and_never_read(tmp_path: Path):
    directory = saved_run(tmp_path, 1)
    (directory.checkpoints / ".step-00000002.99.part" / "state").mkdir(parents=True)
    with directory.lock():
        assert names(directory) == ["step-00000001"]


HOLD = """
import sys, time
from lengthwise.training.directory import RunDirectory
with RunDirectory(sys.argv[1]).lock():
    print("locked", flush=True)
    time.sleep(60)
"""


def test_two_processes_cannot_train_in_one_directory_but_a_dead_ones_lock_is_taken_over(tmp_path: Path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "locked\n"
        with pytest.raises(TrainingError, match=f"must be free, but process {holder.pid} trains there"):
            with RunDirectory(tmp_path).lock():
                pass
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.communicate()
    with RunDirectory(tmp_path).lock():
        assert (tmp_path / "lock").read_text() == f"process {os.getpid()}"


def test_minutes_are_resolved_once_and_scale_with_the_minutes(tmp_path: Path):
    directory = RunDirectory(tmp_path)
    assert directory.resolved_steps(5.0) is None
    directory.resolve_steps(5.0, 1000)
    assert directory.resolved_steps(5.0) == 1000
    assert directory.resolved_steps(7.5) == 1500
