import threading
from pathlib import Path

import pytest
import torch
from small_run import trained_state

from lengthwise.training import saving, tensor_file
from lengthwise.training.checkpoint import WEIGHTS, Progress, load_progress
from lengthwise.training.saving import Saver
from lengthwise.world import ALONE


def test_what_is_saved_is_the_state_of_the_call_while_training_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    may_write = threading.Event()
    real = saving.dcp.save

    def held(*arguments: object, **options: object) -> object:
        may_write.wait(10)
        return real(*arguments, **options)  # pyright: ignore[reportCallIssue, reportArgumentType]

    monkeypatch.setattr(saving.dcp, "save", held)
    state, done = trained_state(), []
    before = state.model.get_parameter("out.weight").detach().clone()
    with Saver(ALONE) as saver:
        saver.begin(tmp_path / "c", state, Progress(step=3), lambda: done.append(True))
        with torch.no_grad():
            state.model.get_parameter("out.weight").add_(1.0)
        assert not (tmp_path / "c").exists() and not saver.has_failed()
        may_write.set()
        saver.wait()
    assert done == [True] and load_progress(tmp_path / "c").step == 3
    assert torch.equal(tensor_file.read(tmp_path / "c" / WEIGHTS)["out.weight"], before)


def test_what_was_begun_is_finished_where_training_fails(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), Saver(ALONE) as saver:
        saver.begin(tmp_path / "c", trained_state(), Progress(step=3), lambda: None)
        _ = 1 / 0
    assert load_progress(tmp_path / "c").step == 3
