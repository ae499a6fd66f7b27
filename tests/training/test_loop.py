import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from small_run import Summed, batches, run, score, summed_loss

from lengthwise.contracts import Batch, Counts, Model
from lengthwise.training import tensor_file
from lengthwise.training.checkpoint import WEIGHTS
from lengthwise.training.config import OptimizerConfig, TrainConfig
from lengthwise.training.directory import RunDirectory
from lengthwise.training.loop import Batches
from lengthwise.training.step import NotFinite, TrainingError
from lengthwise.training.tracking.json_lines import read_json_lines
from lengthwise.world import Share

CONFIG = TrainConfig(steps=24, validate_every=6, save_every=5, log_every=1, accumulate=2)
EXACT = ("step", "loss", "nll", "gradient_norm", "learning_rate", "validation/score")


def record(path: Path) -> list[dict[str, float]]:
    """Everything in the metrics that does not depend on the clock."""
    rows = read_json_lines(path / "metrics.jsonl")
    return [{key: row[key] for key in EXACT if key in row} for row in rows]


def weights(path: Path) -> dict[str, torch.Tensor]:
    return tensor_file.read(RunDirectory(path).saved()[-1] / WEIGHTS)


def is_same_run(one: Path, two: Path) -> bool:
    first, second = weights(one), weights(two)
    return record(one) == record(two) and all(torch.equal(first[key], second[key]) for key in first)


def stop_at(step: int, number: signal.Signals = signal.SIGTERM) -> Batches:
    def data(index: int, share: Share) -> Batch:
        if index == step * CONFIG.accumulate:
            os.kill(os.getpid(), number)
        return batches(index, share)

    return data


def test_a_run_learns_and_ends_with_its_checkpoints_and_record(tmp_path: Path):
    outcome = run(tmp_path, replace(CONFIG, steps=100, keep_last=2))
    assert (outcome.reason, outcome.progress.step) == ("finished", 100)
    losses = [row["loss"] for row in record(tmp_path) if "loss" in row]
    assert len(losses) == 100
    assert sum(losses[-10:]) < 0.9 * sum(losses[:10])
    assert RunDirectory(tmp_path).best() is not None
    assert [row["step"] for row in record(tmp_path) if "validation/score" in row] == [*range(6, 97, 6), 100]


@pytest.mark.parametrize("name", ["adamw", "muon"])
def test_a_stopped_run_goes_on_as_if_it_had_not_been(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str):
    config = replace(CONFIG, optimizer=OptimizerConfig(name=name))  # pyright: ignore[reportArgumentType]
    run(tmp_path / "whole", config)
    outcome = run(tmp_path / "parts", config, data=stop_at(8))
    assert (outcome.reason, outcome.progress.step) == ("interrupted", 9)
    assert "Stopped by SIGTERM after step 9; saved step-00000009. The same command resumes." in capsys.readouterr().err
    assert run(tmp_path / "parts", config).reason == "finished"
    assert is_same_run(tmp_path / "whole", tmp_path / "parts")


def test_validation_does_not_disturb_the_training(tmp_path: Path):
    run(tmp_path / "with", CONFIG)
    run(tmp_path / "without", CONFIG, evaluate=None)
    rows = [row for row in record(tmp_path / "with") if "loss" in row]
    assert rows == record(tmp_path / "without")


def test_a_signal_in_a_validation_puts_it_off_to_the_resume(tmp_path: Path):
    def interrupted(model: Model, step: int) -> dict[str, float]:
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("the validation went on")

    run(tmp_path / "whole", CONFIG)
    outcome = run(tmp_path / "parts", CONFIG, evaluate=interrupted)
    assert (outcome.reason, outcome.progress.step) == ("interrupted", 6)
    run(tmp_path / "parts", CONFIG)
    assert is_same_run(tmp_path / "whole", tmp_path / "parts")


def test_a_finished_run_is_left_as_it_is(tmp_path: Path):
    run(tmp_path, CONFIG)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "checkpoints").rglob("*")}
    assert run(tmp_path, CONFIG, data=lambda index, share: pytest.fail("trained")).reason == "finished"
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "checkpoints").rglob("*")} == before


def test_nan_stops_before_the_update_and_keeps_the_checkpoint(tmp_path: Path):
    calls = 0

    def loss(model: Model, batch: Batch, counts: Counts) -> Summed:
        nonlocal calls
        calls += 1
        summed = summed_loss(model, batch)
        return replace(summed, total=summed.total * math.nan) if calls == 18 else summed

    with pytest.raises(NotFinite, match="at step 9"):
        run(tmp_path / "parts", CONFIG, loss=loss)
    assert RunDirectory(tmp_path / "parts").saved()[-1].name == "step-00000006"
    run(tmp_path / "whole", CONFIG)
    run(tmp_path / "parts", CONFIG)
    assert is_same_run(tmp_path / "whole", tmp_path / "parts")


def test_no_better_score_for_long_enough_ends_the_run_at_the_best(tmp_path: Path):
    scores = {6: 1.0, 12: 2.0, 18: math.nan, 24: 1.5}
    config = replace(CONFIG, steps=60, early_stopping=2, keep_last=1)
    outcome = run(tmp_path, config, evaluate=lambda model, step: {"score": scores[step]})
    assert (outcome.reason, outcome.progress.step) == ("stopped early", 24)
    directory = RunDirectory(tmp_path)
    assert [path.name for path in directory.saved()] == ["step-00000012", "step-00000024"]
    assert directory.best() == directory.place(12)
    assert run(tmp_path, config, data=lambda index, share: pytest.fail("trained")).reason == "stopped early"


def test_of_equal_scores_the_newest_is_the_best_but_no_reason_to_go_on(tmp_path: Path):
    config = replace(CONFIG, steps=60, early_stopping=3, keep_last=1)
    outcome = run(tmp_path, config, evaluate=lambda model, step: {"score": float(step >= 12)})
    assert (outcome.reason, outcome.progress.step) == ("stopped early", 30)
    assert RunDirectory(tmp_path).best() == RunDirectory(tmp_path).place(30)


def test_the_average_of_the_last_checkpoints_becomes_the_best_where_it_scores_higher(tmp_path: Path):
    seen: list[dict[str, torch.Tensor]] = []

    def evaluate(model: Model, step: int) -> dict[str, float]:
        seen.append({key: tensor.clone() for key, tensor in model.state_dict().items()})
        return {"score": float(len(seen))}

    run(tmp_path, replace(CONFIG, average_last=3, validate_every=24), evaluate=evaluate)
    directory = RunDirectory(tmp_path)
    best = directory.best()
    assert best is not None and best.name == "averaged"
    mean = sum(tensor_file.read(path / WEIGHTS)["out.weight"].double() for path in directory.saved()[-3:]) / 3
    assert torch.equal(tensor_file.read(best / WEIGHTS)["out.weight"], mean.float())  # pyright: ignore
    assert torch.equal(seen[-1]["out.weight"], mean.float())  # pyright: ignore
    run(tmp_path, replace(CONFIG, average_last=3, validate_every=24), evaluate=score)
    assert directory.best() == best


def test_minutes_end_the_run_and_their_steps_stay(tmp_path: Path):
    config = TrainConfig(minutes=0.02, save_every=0, validate_every=0, log_every=1)
    outcome = run(tmp_path, config)
    assert outcome.reason == "finished"
    assert (
        outcome.progress.step
        == outcome.progress.total_steps
        == json.loads((tmp_path / "schedule.json").read_text())["steps"]
    )
    assert 0.3 < outcome.progress.seconds / 1.2 < 3
    rates = [row["learning_rate"] for row in record(tmp_path)]
    assert rates[49] == pytest.approx(0.5 * config.optimizer.learning_rate)


def test_a_run_with_resolved_minutes_killed_before_the_first_checkpoint_is_repeated_exactly(tmp_path: Path):
    config = TrainConfig(minutes=1.0, validate_every=0, log_every=1)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "schedule.json").write_text('{"minutes": 1.0, "steps": 60}')
    run(tmp_path / "one", config)
    run(tmp_path / "two", config, data=stop_at(26))
    run(tmp_path / "two", config)
    assert is_same_run(tmp_path / "one", tmp_path / "two")


def test_a_locked_directory_is_refused(tmp_path: Path):
    child = started(tmp_path, {"steps": 100_000})
    try:
        wait_for(lambda: (tmp_path / "metrics.jsonl").exists() and list(read_json_lines(tmp_path / "metrics.jsonl")))
        with pytest.raises(TrainingError, match="must be free"):
            run(tmp_path, CONFIG)
        child.send_signal(signal.SIGINT)
        finish(child)
    finally:
        child.kill()
        child.communicate()
    assert len(RunDirectory(tmp_path).saved()) > 0


def started(path: Path, values: dict[str, object]) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(Path(__file__).with_name("small_run.py")), str(path), json.dumps(values)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def finish(child: subprocess.Popen[bytes]) -> None:
    said = child.communicate(timeout=300)[0].decode()
    assert child.returncode == 0, said


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.mark.slow
def test_kills_at_any_moment_change_nothing(tmp_path: Path):
    values = {"steps": 400, "save_every": 2, "validate_every": 3, "log_every": 1, "optimizer.name": "muon"}
    finish(started(tmp_path / "whole", values))
    rng = random.Random(0)
    parts = tmp_path / "parts"
    kills_during_save = 0
    for index in range(8):
        kill_while_it_trains(parts, values, in_save=index % 2 == 1, delay=rng.random() * 0.3)
        kills_during_save += any((parts / "checkpoints").glob(".*.part"))
    finish(started(parts, values))
    assert kills_during_save > 0
    assert is_same_run(tmp_path / "whole", parts)


def kill_while_it_trains(path: Path, values: dict[str, object], in_save: bool, delay: float) -> None:
    """Kill a run with a half-written checkpoint, or a while after its first row."""
    num_rows = len(list(read_json_lines(path / "metrics.jsonl")))
    child = started(path, values)

    def is_time() -> bool:
        if in_save:
            return any((path / "checkpoints").glob(".*.part"))
        return len(list(read_json_lines(path / "metrics.jsonl"))) != num_rows

    wait_for(lambda: is_time() or child.poll() is not None)
    time.sleep(0 if in_save else delay)
    child.kill()
    child.communicate()
