import numpy as np
import pytest

from lengthwise.data.mixture import BLOCK, Draws, Mixture


def test_parts_go_by_size_by_rate_or_equally_at_a_high_temperature():
    assert Mixture().shares([10, 30]).tolist() == [0.25, 0.75]
    assert Mixture(rates=(1.0, 4.0)).shares([10, 30]) == pytest.approx([0.2, 0.8])
    assert Mixture(temperature=1e9).shares([10, 30]) == pytest.approx([0.5, 0.5])
    assert Mixture(temperature=2.0).shares([10, 90]) == pytest.approx([0.25, 0.75])


def test_rates_that_fit_no_problem_are_refused():
    with pytest.raises(ValueError, match="as many as the 2 problems of the mixture, but are 1"):
        Mixture(rates=(1.0,)).shares([1, 2])
    with pytest.raises(ValueError, match="`data.rates` must be above 0"):
        Mixture(rates=(1.0, 0.0))
    with pytest.raises(ValueError, match="`data.temperature` must be above 0"):
        Mixture(temperature=0.0)


def test_every_part_is_drawn_by_its_share_and_numbered_without_a_gap():
    draws = Draws(np.array([0.2, 0.8]), seed=3)
    found = [draws.draw(index) for index in range(3 * BLOCK)]
    for part, share in enumerate((0.2, 0.8)):
        numbers = [number for drawn, number in found if drawn == part]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) / len(found) == pytest.approx(share, abs=0.03)


def test_a_draw_is_the_same_whatever_was_drawn_before():
    one, other = Draws(np.array([0.5, 0.5]), seed=3), Draws(np.array([0.5, 0.5]), seed=3)
    forwards = [one.draw(index) for index in range(2 * BLOCK)]
    assert [other.draw(index) for index in (2 * BLOCK - 1, 5, BLOCK)] == [forwards[-1], forwards[5], forwards[BLOCK]]
    assert forwards[:50] != [Draws(np.array([0.5, 0.5]), seed=4).draw(index) for index in range(50)]
