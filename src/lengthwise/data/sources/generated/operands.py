"""Two numbers around a sign: random ones, and those on which adders that only look right fail (Price et al. 2016)."""

from collections.abc import Callable, Mapping

import numpy as np

from lengthwise.data.sources.generated.draws import DIGITS, random_symbols
from lengthwise.data.sources.generated.task import RANDOM, Draw

Pair = Callable[[int, str, np.random.Generator], tuple[str, str]]
"""(number of digits, the digits, generator) -> two numbers, most significant digit first."""


def operand_pairs(base: int, sign: str, size: Callable[[int], int], *, is_reversed: bool) -> Mapping[str, Draw]:
    """Pairs of `size(length)` digits each: random, and the kinds of this sign's operation; of a difference the first
    is the larger one. `is_reversed`: the least significant digit is written first.
    """

    kinds: dict[str, dict[str, Pair]] = {
        "+": {"carry": carry, "chain": chain},
        "-": {"borrow": borrow, "chain": borrowing_chain},
        "*": {"largest": largest, "ones": ones},
    }
    pairs = {RANDOM: uniform, **kinds[sign], "equal": equal, "zeros": zeros, "powers": powers}
    return {kind: _written(pair, base, sign, size, is_reversed) for kind, pair in pairs.items()}


def carrying_pairs(share: float, base: int, size: Callable[[int], int], *, is_reversed: bool) -> Draw | None:
    """Operands of sums to train on: this share with carries of all lengths alike, which uniform digits hardly have."""
    if not 0 <= share <= 1:
        raise ValueError(f"`data.share_carrying` must be from 0 to 1, but is {share}.")

    def mixed(count: int, digits: str, random: np.random.Generator) -> tuple[str, str]:
        return (carrying if random.random() < share else uniform)(count, digits, random)

    return _written(mixed, base, "+", size, is_reversed) if share else None


def _written(pair: Pair, base: int, sign: str, size: Callable[[int], int], is_reversed: bool) -> Draw:
    def inputs(length: int, random: np.random.Generator) -> str:
        numbers = pair(size(length), DIGITS[:base], random)
        first, second = sorted(numbers, reverse=True) if sign == "-" else numbers
        return f"{first[::-1]}{sign}{second[::-1]}" if is_reversed else f"{first}{sign}{second}"

    return inputs


def uniform(count: int, digits: str, random: np.random.Generator) -> tuple[str, str]:
    """Independent, uniform digits."""
    return random_symbols(count, digits, random), random_symbols(count, digits, random)


def carrying(count: int, digits: str, random: np.random.Generator) -> tuple[str, str]:
    """Of the places a share, the example's own, whose digits pass a carry on: they add up to one less than the base."""
    first, second = uniform(count, digits, random)
    passes = random.random(count) < random.random()
    complement = [digits[-1 - int(digit)] for digit in first]
    return first, "".join(np.where(passes, complement, list(second)))


def carry(count: int, digits: str, random: np.random.Generator) -> tuple[str, str]:
    """99...9 and 1, in either order: a sum carries all the way."""
    first, second = count * digits[-1], "1".zfill(count)
    return (first, second) if random.integers(2) else (second, first)


def borrow(count: int, digits: str, random: np.random.Generator) -> tuple[str, str]:
    """10...0 and 1: a difference borrows all the way."""
    return "1".ljust(count, "0"), "1".zfill(count)


def chain(count: int, digits: str, random: np.random.Generator) -> tuple[str, str]:
    """Random numbers whose sum has a carry that runs over at least half of the places."""
    first, second = uniform(count, digits, random)
    reach = int(random.integers((count + 1) // 2, count, endpoint=True))
    start = int(random.integers(0, count - reach, endpoint=True))
    complement = "".join(digits[-1 - int(digit)] for digit in first[start : start + reach - 1])
    # The lowest digits of the run overflow: both are the largest digit.
    first = first[: start + reach - 1] + digits[-1] + first[start + reach :]
    return first, second[:start] + complement + digits[-1] + second[start + reach :]


def borrowing_chain(count: int, digits: str, random: np.random.Generator) -> tuple[str, str]:
    """Random numbers whose difference borrows over at least half of the places, which are zeros in the first."""
    first, second = uniform(count, digits, random)
    if count > 1:
        reach = int(random.integers(count // 2, count - 1, endpoint=True))
        start = int(random.integers(1, count - reach, endpoint=True))
        lowest = random_symbols(1, digits[1:], random)
        first = first[:start] + reach * "0" + first[start + reach :]
        second = second[: start + reach - 1] + lowest + second[start + reach :]
        first, second = digits[-1] + first[1:], "0" + second[1:]
    return first, second


def largest(count: int, digits: str, random: np.random.Generator) -> tuple[str, str]:
    """99...9 twice: the longest product, all of its columns full."""
    return count * digits[-1], count * digits[-1]


def ones(count: int, digits: str, random: np.random.Generator) -> tuple[str, str]:
    """11...1 and a random number: every digit of one counts in every column."""
    first, second = count * "1", random_symbols(count, digits, random)
    return (first, second) if random.integers(2) else (second, first)


def equal(count: int, digits: str, random: np.random.Generator) -> tuple[str, str]:
    """The same number twice."""
    number = random_symbols(count, digits, random)
    return number, number


def zeros(count: int, digits: str, random: np.random.Generator) -> tuple[str, str]:
    """Nothing but zeros."""
    return count * "0", count * "0"


def powers(count: int, digits: str, random: np.random.Generator) -> tuple[str, str]:
    """Powers of the base."""
    first, second = ("1".ljust(int(random.integers(1, count, endpoint=True)), "0") for _ in range(2))
    return first.zfill(count), second.zfill(count)
