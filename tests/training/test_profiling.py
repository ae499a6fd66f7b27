from pathlib import Path

from small_run import run

from lengthwise.training.config import TrainConfig


def test_a_profile_is_a_trace_and_a_table_of_ten_steps(tmp_path: Path):
    run(tmp_path, TrainConfig(steps=22, profile=True, validate_every=0))
    assert "aten::addmm" in (tmp_path / "profile" / "table.txt").read_text()
    assert (tmp_path / "profile" / "trace.json").stat().st_size > 1000


def test_a_run_that_is_not_asked_for_one_has_none(tmp_path: Path):
    run(tmp_path, TrainConfig(steps=22, validate_every=0))
    assert not (tmp_path / "profile").exists()
