from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.sources.generated.draws import DIGITS
from lengthwise.data.sources.generated.operands import carrying_pairs, operand_pairs

SEEDS = st.integers(0, 2**32)


def half(length: int) -> int:
    return max(1, (length - 1) // 2)


def pairs(draws: Mapping, kind: str, length: int, seed: int, sign: str = "+") -> tuple[str, str]:
    first, found, second = draws[kind](length, np.random.default_rng(seed)).partition(sign)
    assert found == sign
    return first, second


def longest_carry(first: str, second: str, base: int) -> int:
    """The most places in a row from which something is carried."""
    carry = run = longest = 0
    for a, b in zip(reversed(first), reversed(second), strict=True):
        carry = int(int(a) + int(b) + carry >= base)
        run = run + 1 if carry else 0
        longest = max(longest, run)
    return longest


@given(st.integers(3, 61), st.integers(2, 10), st.booleans(), st.sampled_from("+-*"), SEEDS)
def test_operands_have_equally_many_digits_of_the_base(length, base, is_reversed, sign, seed):
    draws = operand_pairs(base, sign, half, is_reversed=is_reversed)
    for kind in draws:
        first, second = pairs(draws, kind, length, seed, sign)
        assert len(first) == len(second) == half(length)
        assert set(first + second) <= set(DIGITS[:base])
        if sign == "-":
            numbers = (first[::-1], second[::-1]) if is_reversed else (first, second)
            assert numbers[0] >= numbers[1]


@given(st.integers(3, 81), st.integers(2, 10), SEEDS)
def test_a_carry_runs_from_end_to_end(length, base, seed):
    draws = operand_pairs(base, "+", half, is_reversed=False)
    assert longest_carry(*pairs(draws, "carry", length, seed), base) == half(length)


@given(st.integers(3, 81), st.integers(2, 10), st.booleans(), SEEDS)
def test_a_chain_carries_over_at_least_half_of_the_places(length, base, is_reversed, seed):
    draws = operand_pairs(base, "+", half, is_reversed=is_reversed)
    first, second = pairs(draws, "chain", length, seed)
    if is_reversed:
        first, second = first[::-1], second[::-1]
    assert longest_carry(first, second, base) >= half(length) / 2


def test_random_operands_hardly_ever_carry_that_far():
    draws = operand_pairs(10, "+", half, is_reversed=False)
    runs = [longest_carry(*pairs(draws, "random", 81, seed), 10) for seed in range(200)]
    assert np.mean([run >= 20 for run in runs]) < 0.01


@given(st.integers(5, 41), SEEDS)
def test_a_difference_borrows_from_end_to_end(length, seed):
    draws = operand_pairs(10, "-", half, is_reversed=False)
    first, second = pairs(draws, "borrow", length, seed, "-")
    assert str(int(first) - int(second)) == (half(length) - 1) * "9"


@given(st.integers(5, 41), st.integers(2, 10), SEEDS)
def test_a_chain_of_a_difference_borrows_over_at_least_half_of_the_places(length, base, seed):
    draws = operand_pairs(base, "-", half, is_reversed=False)
    borrow = run = longest = 0
    for a, b in zip(*(reversed(number) for number in pairs(draws, "chain", length, seed, "-")), strict=True):
        borrow = int(int(a) - borrow < int(b))
        run = run + 1 if borrow else 0
        longest = max(longest, run)
    assert longest >= half(length) // 2


@given(st.integers(3, 41), SEEDS)
def test_factors_are_the_largest_or_of_ones(length, seed):
    draws = operand_pairs(10, "*", half, is_reversed=False)
    assert set("".join(pairs(draws, "largest", length, seed, "*"))) == {"9"}
    assert "1" * half(length) in pairs(draws, "ones", length, seed, "*")


@given(st.integers(3, 41), SEEDS)
def test_operands_are_what_their_kind_says(length, seed):
    draws = operand_pairs(10, "+", half, is_reversed=False)
    equal, zeros, powers = (pairs(draws, kind, length, seed) for kind in ("equal", "zeros", "powers"))
    assert equal[0] == equal[1]
    assert set("".join(zeros)) == {"0"}
    assert all(number.strip("0") == "1" for number in powers)


@pytest.mark.parametrize("is_reversed", [False, True])
def test_the_same_generator_state_draws_the_same(is_reversed):
    draws = operand_pairs(10, "+", half, is_reversed=is_reversed)
    for draw in draws.values():
        assert draw(21, np.random.default_rng(3)) == draw(21, np.random.default_rng(3))


def test_reversed_operands_are_the_same_numbers_backwards():
    plain, turned = (operand_pairs(10, "+", half, is_reversed=flag) for flag in (False, True))
    for kind in plain:
        assert [number[::-1] for number in pairs(plain, kind, 21, 5)] == list(pairs(turned, kind, 21, 5))


@given(st.integers(3, 81), st.integers(2, 10), st.booleans(), SEEDS)
def test_carrying_operands_are_as_long_as_others(length, base, is_reversed, seed):
    draw = carrying_pairs(1.0, base, half, is_reversed=is_reversed)
    first, second = pairs({"carrying": draw}, "carrying", length, seed)
    assert len(first) == len(second) == half(length)
    assert set(first + second) <= set(DIGITS[:base])


def test_as_many_as_asked_for_carry_over_many_places():
    for share in (0.0, 0.5, 1.0):
        draw = (
            carrying_pairs(share, 10, half, is_reversed=True)
            or operand_pairs(10, "+", half, is_reversed=True)["random"]
        )
        found = [pairs({"carrying": draw}, "carrying", 81, seed) for seed in range(400)]
        # Over 16 places or more: an eighth of those that carry, one in a thousand of uniform ones.
        far = np.mean([longest_carry(first[::-1], second[::-1], 10) >= 16 for first, second in found])
        assert far == pytest.approx(0.13 * share, abs=0.045)


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_of_carrying_operands_beyond_all_is_refused(share):
    with pytest.raises(ValueError, match="`data.share_carrying` must be from 0 to 1, but is"):
        carrying_pairs(share, 10, half, is_reversed=True)
