from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.codecs.symbols import DigitPairs
from lengthwise.data.sources.generated import arithmetic
from lengthwise.data.sources.generated.arithmetic import ReadingOrder, to_digits, to_integer
from lengthwise.data.sources.generated.draws import DIGITS, random_symbols

BINARY = {
    "addition": (arithmetic.addition, "+", lambda a, b: a + b, lambda a, b: max(a, b) + 1),
    "aligned_addition": (arithmetic.aligned_addition, "+", lambda a, b: a + b, lambda a, b: max(a, b) + 1),
    "subtraction": (arithmetic.subtraction, "-", lambda a, b: a - b, lambda a, b: a),
    "multiplication": (arithmetic.multiplication, "*", lambda a, b: a * b, lambda a, b: a + b),
}
ORDERS = get_args(ReadingOrder)
BASES = st.integers(2, 10)
NUMBERS = st.integers(0, 2**200)


def written(number: int, base: int) -> str:
    """As `to_digits` does, but by the shortest way."""
    return (written(number // base, base) if number >= base else "") + DIGITS[number % base]


@given(st.sampled_from(list(BINARY)), BASES, st.sampled_from(ORDERS), NUMBERS, NUMBERS)
def test_results_are_those_of_python(name, base, order, first, second):
    make, sign, compute, width = BINARY[name]
    if name == "subtraction":
        first, second = max(first, second), min(first, second)
    operands = written(first, base), written(second, base)
    result = written(compute(first, second), base).zfill(width(*map(len, operands)))
    turn = -1 if order == "least_first" else 1
    inputs = f"{operands[0][::turn]}{sign}{operands[1][::turn]}"
    assert make(base, order).answer(inputs) == result[::turn]


@given(BASES, st.sampled_from(ORDERS), NUMBERS)
def test_one_more_is_one_more(base, order, number):
    turn = -1 if order == "least_first" else 1
    digits = written(number, base)
    expected = written(number + 1, base).zfill(len(digits) + 1)
    assert arithmetic.increment(base, order).answer(digits[::turn]) == expected[::turn]


@pytest.mark.parametrize(
    ("task", "inputs", "targets"),
    [
        (arithmetic.addition(10, "human"), "12+34", "046"),
        (arithmetic.addition(10, "least_first"), "21+43", "640"),
        (arithmetic.addition(2, "human"), "11+01", "100"),
        (arithmetic.addition(10, "human"), "7+995", "1002"),
        (arithmetic.subtraction(10, "human"), "1000-1", "0999"),
        (arithmetic.multiplication(10, "human"), "12*34", "0408"),
        (arithmetic.multiplication(2, "least_first"), "11*11", "1001"),
        (arithmetic.increment(10, "human"), "0199", "00200"),
        (arithmetic.increment(10, "least_first"), "991", "0020"),
    ],
)
def test_examples_worked_out_by_hand(task, inputs, targets):
    assert task.answer(inputs) == targets


@given(st.sampled_from(list(BINARY)), BASES, st.sampled_from(ORDERS), st.integers(3, 120), st.integers(0, 2**32))
def test_every_kind_comes_near_the_length_asked_for_and_keeps_the_growth(name, base, order, length, seed):
    make, sign, _, _ = BINARY[name]
    task = make(base, order)
    for kind in task.inputs:
        inputs, targets = task.example(length, np.random.default_rng(seed), kind)
        size = len(inputs)
        if name == "aligned_addition":
            size = len(DigitPairs(base, sign, order == "least_first").encode(inputs))
        assert length - 1 <= max(size, len(targets)) <= length
        assert len(targets) <= task.growth[0] * size + task.growth[1]


@given(BASES, st.sampled_from(ORDERS), st.integers(2, 120), st.integers(0, 2**32))
def test_increments_have_the_length_asked_for_and_carry(base, order, length, seed):
    task = arithmetic.increment(base, order)
    for kind in task.inputs:
        inputs, targets = task.example(length, np.random.default_rng(seed), kind)
        assert len(targets) == length == len(inputs) + 1
        number = inputs[::-1] if order == "least_first" else inputs
        run = len(number) - len(number.rstrip(DIGITS[base - 1]))
        assert run >= {"carry": len(number) / 2, "all_carry": len(number)}.get(kind, 0)


def test_sums_that_carry_from_end_to_end_reach_the_extra_place():
    inputs, targets = arithmetic.addition(10, "human").example(21, np.random.default_rng(0), "carry")
    assert inputs in ("9999999999+0000000001", "0000000001+9999999999") and targets == "10000000000"


@pytest.mark.parametrize("name", BINARY)
def test_the_same_seed_draws_the_same_examples(name):
    task = BINARY[name][0](10, "human")
    for kind in task.inputs:
        drawn = [[task.example(30, random, kind) for _ in range(5)] for random in map(np.random.default_rng, (1, 1, 2))]
        assert drawn[0] == drawn[1]
        assert drawn[0] != drawn[2] or kind in ("zeros", "carry", "borrow", "largest")


@pytest.mark.parametrize("inputs", ["", "12", "12+", "+12", "12+3a", "1+2+3", "12-3", "12 + 3", "12+३"])
def test_other_than_two_numbers_is_refused_in_one_line(inputs):
    with pytest.raises(ValueError, match=r"two numbers in base 10 around \+") as caught:
        arithmetic.addition(10, "human").answer(inputs)
    assert "\n" not in str(caught.value)


def test_digits_beyond_the_base_are_refused():
    with pytest.raises(ValueError, match="in base 2"):
        arithmetic.addition(2, "human").answer("12+01")
    with pytest.raises(ValueError, match="a number in base 2"):
        arithmetic.increment(2, "human").answer("12")
    with pytest.raises(ValueError, match="a number in base 10"):
        arithmetic.increment(10, "human").answer("")


def test_differences_below_zero_are_refused():
    with pytest.raises(ValueError, match="must be at least the second"):
        arithmetic.subtraction(10, "human").answer("12-34")


@pytest.mark.parametrize("base", [1, 11])
@pytest.mark.parametrize("make", [*(make for make, *_ in BINARY.values()), arithmetic.increment])
def test_bases_that_cannot_be_written_are_refused(make, base):
    with pytest.raises(ValueError, match=f"`data.base` must be from 2 to 10, but is {base}"):
        make(base, "human")


@pytest.mark.parametrize("base", [2, 7, 10])
def test_numbers_of_5000_digits_come_back(base):
    digits = random_symbols(5000, DIGITS[:base], np.random.default_rng(base))
    number = to_integer(digits, base)
    assert to_digits(number, base, 5000) == digits
    assert number % base**30 == int(digits[-30:], base) and number // base**4970 == int(digits[:30], base)


def test_sums_of_5000_digits_carry_to_the_front():
    number = 5000 * "9"
    assert arithmetic.addition(10, "human").answer(f"{number}+1") == "1" + 5000 * "0"


@pytest.mark.parametrize("width", [3, 600, 5000])
def test_a_number_wider_than_its_place_is_refused(width):
    with pytest.raises(ValueError, match="`width` must be enough for the number"):
        to_digits(10**width, 10, width)
