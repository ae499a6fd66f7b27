from pathlib import Path

import pytest

from lengthwise.training.tracking import tensorboard


def test_nothing_is_written_before_the_first_row(tmp_path: Path):
    tracker = tensorboard.TensorBoard(tmp_path / "events")
    tracker.cut(0)
    tracker.flush()
    tracker.close()
    assert not (tmp_path / "events").exists()


@pytest.mark.skipif(not tensorboard.is_installed(), reason="tensorboard is not installed: pip install tensorboard")
@pytest.mark.filterwarnings("ignore")
def test_rows_become_events(tmp_path: Path):
    tracker = tensorboard.TensorBoard(tmp_path)
    tracker.log(1, {"loss": 1.0})
    tracker.close()
    (events,) = tmp_path.glob("events*")
    assert b"loss" in events.read_bytes()
