"""Sums, differences and products of numbers of any length, in any base up to ten.

A result has a fixed number of digits, zeros in front kept, so that its length follows from the inputs': one more than
the longer operand for sums, as many as the first for differences, as many as both together for products.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from lengthwise.data.sources.generated.draws import DIGITS, random_symbols
from lengthwise.data.sources.generated.operands import carrying_pairs, operand_pairs
from lengthwise.data.sources.generated.task import RANDOM, Draw, Task

ReadingOrder = Literal["least_first", "human"]
"""Which digit is written first: the least significant, as algorithms need it, or the most, as people write."""

Integers = Callable[[int, int], int]


def addition(base: int, order: ReadingOrder, share_carrying: float = 0.0) -> Task:
    """12+34 -> 046 (human order)."""
    return _sums("addition", base, order, share_carrying, _digits_of_each)


def aligned_addition(base: int, order: ReadingOrder, share_carrying: float = 0.0) -> Task:
    """The same sums; written so that both digits of a place are one token (`codecs.symbols.DigitPairs`)."""
    return replace(_sums("aligned_addition", base, order, share_carrying, lambda length: length - 1), places="index")


def subtraction(base: int, order: ReadingOrder) -> Task:
    """34-12 -> 22; the first operand is the larger one."""
    return _binary_operation(
        "subtraction", "-", lambda a, b: a - b, base, order, _digits_of_each, lambda a, b: a, (1, 0)
    )


def multiplication(base: int, order: ReadingOrder) -> Task:
    """12*34 -> 0408."""
    return _binary_operation(
        "multiplication", "*", lambda a, b: a * b, base, order, _digits_of_each, int.__add__, (1, 0)
    )


def _sums(name: str, base: int, order: ReadingOrder, share_carrying: float, size: Callable[[int], int]) -> Task:
    task = _binary_operation(name, "+", int.__add__, base, order, size, lambda a, b: max(a, b) + 1, (1, 1))
    return replace(task, training=carrying_pairs(share_carrying, base, size, is_reversed=order == "least_first"))


def _digits_of_each(length: int) -> int:
    return max(1, (length - 1) // 2)


def _binary_operation(
    name: str,
    sign: str,
    compute: Integers,
    base: int,
    order: ReadingOrder,
    size: Callable[[int], int],
    width: Integers,
    growth: tuple[int, int],
) -> Task:
    check_base(base)
    is_reversed = order == "least_first"
    form = re.compile(f"([{DIGITS[:base]}]+){re.escape(sign)}([{DIGITS[:base]}]+)")

    def answer(inputs: str) -> str:
        matched = form.fullmatch(inputs)
        if matched is None:
            raise ValueError(f"There must be two numbers in base {base} around {sign}, but {inputs!r} is not that.")
        first, second = (number[::-1] if is_reversed else number for number in matched.groups())
        result = compute(to_integer(first, base), to_integer(second, base))
        if result < 0:
            raise ValueError(f"The first number must be at least the second, but {inputs!r} is below 0.")
        written = to_digits(result, base, width(len(first), len(second)))
        return written[::-1] if is_reversed else written

    draws = operand_pairs(base, sign, size, is_reversed=is_reversed)
    # The place of a digit from the end of its number is not known while a sum is written from its beginning.
    places = "in_number" if is_reversed else None
    return Task(name=name, answer=answer, inputs=draws, growth=growth, min_length=3, places=places)


def increment(base: int, order: ReadingOrder) -> Task:
    """0199 -> 00200."""
    check_base(base)
    is_reversed = order == "least_first"

    def turned(number: str) -> str:
        return number[::-1] if is_reversed else number

    def answer(inputs: str) -> str:
        if not inputs or set(inputs) - set(DIGITS[:base]):
            raise ValueError(f"There must be a number in base {base}, but {inputs!r} is not one.")
        return turned(to_digits(to_integer(turned(inputs), base) + 1, base, len(inputs) + 1))

    def carry(length: int, random: np.random.Generator) -> str:
        """A random beginning, then the highest digit up to the end."""
        count = length - 1
        run = int(random.integers((count + 1) // 2, count, endpoint=True))
        return turned(random_symbols(count - run, DIGITS[:base], random) + run * DIGITS[base - 1])

    draws: Mapping[str, Draw] = {
        RANDOM: lambda length, random: random_symbols(length - 1, DIGITS[:base], random),
        "carry": carry,
        "all_carry": lambda length, random: (length - 1) * DIGITS[base - 1],
        "zeros": lambda length, random: (length - 1) * "0",
        "powers": lambda length, random: turned("1".ljust(int(random.integers(1, length)), "0").zfill(length - 1)),
    }
    return Task(name="increment", answer=answer, inputs=draws, growth=(1, 1), min_length=2)


def to_integer(digits: str, base: int) -> int:
    """The number that the digits write, most significant first; halves, since Python limits `int` to 4,300 decimals."""
    if len(digits) <= 4000:
        return int(digits, base)
    half = len(digits) // 2
    return to_integer(digits[:-half], base) * base**half + to_integer(digits[-half:], base)


def to_digits(number: int, base: int, width: int) -> str:
    """`number` in `base`, most significant digit first, filled with zeros to `width`."""
    if width <= 500:
        found = []
        for _ in range(width):
            number, digit = divmod(number, base)
            found.append(DIGITS[digit])
        if number:
            raise ValueError(f"`width` must be enough for the number, but is {width}.")
        return "".join(reversed(found))
    half = width // 2
    high, low = divmod(number, base**half)
    return to_digits(high, base, width - half) + to_digits(low, base, half)


def check_base(base: int) -> None:
    """ValueError where there are no digits for it."""
    if not 2 <= base <= len(DIGITS):
        raise ValueError(f"`data.base` must be from 2 to {len(DIGITS)}, but is {base}.")
