import itertools
import math
import random
from fractions import Fraction

import pytest

from lengthwise.metrics.pass_at_k import mean_pass_at_k, paired_difference, pass_at_k


def exact(num_samples: int, num_right: int, k: int) -> Fraction:
    return 1 - Fraction(math.comb(num_samples - num_right, k), math.comb(num_samples, k))


def relative_error(num_samples: int, num_right: int, k: int) -> float:
    wanted = exact(num_samples, num_right, k)
    found = Fraction(pass_at_k(num_samples, num_right, k))
    return float(abs(found - wanted) / wanted) if wanted else float(found)


def test_it_is_the_share_of_draws_with_a_right_one():
    drawn = list(itertools.combinations([True, True, False, False, False], 3))
    assert pass_at_k(5, 2, 3) == pytest.approx(sum(map(any, drawn)) / len(drawn))


@pytest.mark.parametrize("num_samples", [1, 2, 7, 200, 10_000])
def test_it_equals_exact_fractions(num_samples: int):
    random.seed(num_samples)
    some = sorted({0, 1, num_samples // 2, num_samples - 1, num_samples, random.randint(0, num_samples)})
    for num_right, k in itertools.product(some, some):
        if k:
            assert relative_error(num_samples, num_right, k) <= 1e-12


@pytest.mark.parametrize(
    ("num_right", "k"), [(1, 1), (1, 999_999), (3, 1_000), (1_000, 3), (999_000, 2), (100_000, 40)]
)
def test_it_equals_exact_fractions_of_a_million_samples(num_right: int, k: int):
    assert relative_error(1_000_000, num_right, k) <= 1e-12


def test_more_than_were_drawn_is_an_error_and_never_one():
    with pytest.raises(ValueError, match="`k` must be from 1 to the number of samples, 1, but is 10"):
        pass_at_k(1, 0, 10)
    with pytest.raises(ValueError, match="but is 2"):
        mean_pass_at_k([1, 5], [1, 5], 2)
    with pytest.raises(ValueError, match="`num_right` must be from 0 to 3, but is 4"):
        pass_at_k(3, 4, 1)


def test_the_mean_has_an_interval_over_problems():
    score = mean_pass_at_k([2] * 100, [0, 2] * 50, 1)
    assert score.value == 50.0 and score.low is not None and score.high is not None
    assert 35 < score.low < 50 < score.high < 65


def test_two_models_are_compared_problem_by_problem():
    score = paired_difference([1.0, 0.5] * 40, [0.5, 0.5] * 40, "ours - theirs")
    assert score.value == 25.0 and score.low is not None and score.low > 15
    with pytest.raises(ValueError, match="the same problems, but have 1 and 2"):
        paired_difference([1.0], [1.0, 1.0], "x")
