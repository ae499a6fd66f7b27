import io
from pathlib import Path

import pytest
from rich.console import Console

from lengthwise.training.directory import RunDirectory
from lengthwise.training.logs import Logs, Meter, peak_memory
from lengthwise.training.step import StepReport
from lengthwise.training.tracking.json_lines import read_json_lines

REPORT = StepReport(
    loss=2.5, nll=2.0, gradient_norm=1.0, num_target_tokens=50, num_tokens=90, num_positions=100
)  # fmt: skip


def written(tmp_path: Path, is_terminal: bool) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=is_terminal, width=150, soft_wrap=not is_terminal)
    with Logs(RunDirectory(tmp_path), console=console) as logs:
        for step in (1, 2):
            logs.step(step, 100, REPORT, 0.5)
        logs.row(2, 100, {"loss": 2.5, "learning_rate": 1e-3})
        logs.validation(2, {"score": 0.25}, "  (best)")
        logs.say("done [bold]as said")
    return stream.getvalue()


def test_plain_lines_hold_speed_padding_memory_and_time_left(tmp_path: Path):
    first, second, third = written(tmp_path, is_terminal=False).splitlines()
    assert first.startswith("step 2/100  loss 2.5000  180 tokens/s  padding 10.0%  lr 1.00e-03  memory ")
    assert first.endswith("ETA 00:00:49")
    assert second == "step 2  validation  score 0.25  (best)"
    assert third == "done [bold]as said"


def test_a_terminal_gets_a_live_line_and_the_same_record(tmp_path: Path):
    text = written(tmp_path, is_terminal=True)
    assert "step 2/100" in text and "\x1b[" in text
    train, validation = read_json_lines(tmp_path / "metrics.jsonl")
    assert train["tokens_per_second"] == 180.0 and train["padding"] == pytest.approx(0.1)
    assert validation == {"step": 2, "validation/score": 0.25}


def test_a_meter_without_steps_divides_by_nothing():
    assert Meter().figures()["tokens_per_second"] == 0.0


def test_peak_memory_is_in_bytes():
    assert 5e7 < peak_memory() < 1e12
