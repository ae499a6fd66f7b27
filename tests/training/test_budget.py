from pathlib import Path

from lengthwise.training.budget import RESOLVE_STEP, Budget
from lengthwise.training.checkpoint import Progress
from lengthwise.training.config import TrainConfig
from lengthwise.training.directory import RunDirectory


def run(budget: Budget, durations: list[float], start: int = 0) -> list[int]:
    """The steps at which the total became known."""
    resolved = []
    seconds = 0.0
    for step, duration in enumerate(durations, start=start + 1):
        seconds += duration
        if budget.resolve(Progress(step=step, seconds=seconds), duration):
            resolved.append(step)
    return resolved


def test_minutes_become_steps_once_without_counting_the_warm_ones_in_the_speed(tmp_path: Path):
    config = TrainConfig(minutes=1.0)
    budget = Budget(config, RunDirectory(tmp_path))
    assert budget.total_steps is None
    assert run(budget, [2.0] * 5 + [0.1] * 100) == [RESOLVE_STEP]
    assert budget.total_steps == 50 + round((60 - 10 - 4.5) / 0.115)
    assert Budget(config, RunDirectory(tmp_path)).total_steps == budget.total_steps


def test_a_program_that_runs_beside_the_first_steps_costs_the_run_nothing(tmp_path: Path):
    budget = Budget(TrainConfig(minutes=1.0), RunDirectory(tmp_path))
    run(budget, [0.3] * 20 + [0.1] * 30)
    assert budget.total_steps == 50 + round((60 - 9) / 0.115)


def test_the_schedule_of_the_first_steps_never_knows_the_total(tmp_path: Path):
    directory = RunDirectory(tmp_path)
    directory.resolve_steps(1.0, 500)
    budget = Budget(TrainConfig(minutes=1.0), directory)
    assert [budget.schedule_steps(step) for step in (1, 50, 51)] == [None, None, 500]


def test_minutes_that_end_before_the_fiftieth_step_end_the_run(tmp_path: Path):
    budget = Budget(TrainConfig(minutes=0.1), RunDirectory(tmp_path))
    assert run(budget, [1.0] * 8)[0] == 6
    assert budget.total_steps == 6


def test_steps_are_known_from_the_start(tmp_path: Path):
    budget = Budget(TrainConfig(steps=7), RunDirectory(tmp_path))
    assert budget.total_steps == 7
    assert budget.schedule_steps(1) == 7
    assert run(budget, [1.0] * 60) == []
