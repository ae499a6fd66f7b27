import json
from dataclasses import asdict

import pytest

from lengthwise.training import schedules
from lengthwise.training.config import ScheduleConfig


def factors(name: str, total: int = 100, **values: object) -> list[float]:
    config = ScheduleConfig(name=name, warmup_steps=10, **values)  # pyright: ignore[reportArgumentType]
    return [schedules.factor(config, step, total) for step in range(1, total + 1)]


def test_noam_times_the_model_width_is_the_papers_rate():
    config = ScheduleConfig(name="noam", warmup_steps=4000)
    for step in (1, 100, 4000, 10_000):
        rate = 512**-0.5 * min(step**-0.5, step * 4000**-1.5)
        assert 512**-0.5 * schedules.factor(config, step, 100_000) == pytest.approx(rate)


@pytest.mark.parametrize("name", ["linear", "cosine", "constant", "inverse_sqrt"])
def test_every_schedule_but_noam_rises_in_a_line_and_peaks_at_one_after_the_warmup(name: str):
    assert factors(name)[:10] == pytest.approx([step / 10 for step in range(1, 11)])
    assert max(factors(name)) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["linear", "cosine"])
def test_a_fall_ends_just_above_zero_and_never_turns_up(name: str):
    falling = factors(name)[9:]
    assert falling == sorted(falling, reverse=True)
    assert 0 < falling[-1] < 0.02


def test_linear_falls_in_equal_steps():
    falling = factors("linear")[9:]
    assert falling == pytest.approx([1 - index / 91 for index in range(91)])


def test_the_final_factor_is_where_the_fall_ends():
    assert factors("cosine", final_factor=0.1)[-1] == pytest.approx(0.1, abs=1e-3)


def test_a_short_run_warms_up_for_at_most_a_quarter():
    assert factors("linear", total=8)[1] == 1.0


def test_without_a_total_there_is_only_the_warmup():
    config = ScheduleConfig(name="linear", warmup_steps=10)
    assert [schedules.factor(config, step, None) for step in (1, 5, 10, 1000)] == [0.1, 0.5, 1.0, 1.0]


def falling(losses: list[float]) -> list[float]:
    """The factor after each window with this loss."""
    course, factors = schedules.Plateau(), []
    for loss in losses:
        for _ in range(schedules.PLATEAU_WINDOW):
            course = course.after(loss)
        factors.append(course.factor)
    return factors


def test_a_plateau_of_two_windows_lowers_the_rate():
    assert falling([3.0, 2.0, 1.0, 1.5]) == [1, 1, 1, 1]
    assert falling([3.0, 2.0, 1.0, 1.5, 1.2]) == [1, 1, 1, 1, 0.7]
    assert falling([3.0, 2.0, 1.0, 1.5, 0.9]) == [1, 1, 1, 1, 1]


def test_a_rate_never_falls_below_its_floor():
    assert falling([1.0] * 100)[-1] == pytest.approx(1 / 60)


def test_a_plateau_survives_json():
    course = schedules.Plateau()
    for _ in range(450):
        course = course.after(1.5)
    assert schedules.Plateau.of(json.loads(json.dumps(asdict(course)))) == course
