"""Algorithmic tasks: computed, exact, endless, of any length; each with the inputs that fool half-learned solutions.

`max_length` counts the tokens of the longer side, inputs or targets, without EOS.
"""

from lengthwise.data.codecs.codec import Codec
from lengthwise.data.codecs.symbols import DigitPairs, Symbols
from lengthwise.data.problem import Problem
from lengthwise.data.sources.generated import arithmetic, counting, sequences
from lengthwise.data.sources.generated.arithmetic import ReadingOrder
from lengthwise.data.sources.generated.draws import DIGITS, letters
from lengthwise.data.sources.generated.task import Generated, Task
from lengthwise.metrics.accuracy import exact_match, symbol_accuracy

MAX_LENGTH = 41
"""What the Neural GPUs of 2015 and 2017 were trained to."""


def copy(*, num_symbols: int = 12, min_length: int = 1, max_length: int = MAX_LENGTH) -> Problem:
    """The same again: abca -> abca."""
    return _over_letters(sequences.copy(num_symbols), num_symbols, min_length, max_length)


def reverse(*, num_symbols: int = 12, min_length: int = 1, max_length: int = MAX_LENGTH) -> Problem:
    """Backwards: abca -> acba."""
    return _over_letters(sequences.reverse(num_symbols), num_symbols, min_length, max_length)


def duplicate(*, num_symbols: int = 12, min_length: int = 2, max_length: int = MAX_LENGTH) -> Problem:
    """Twice: abc -> abcabc."""
    return _over_letters(sequences.duplicate(num_symbols), num_symbols, min_length, max_length)


def sort(*, num_symbols: int = 12, min_length: int = 1, max_length: int = MAX_LENGTH) -> Problem:
    """Ordered: abca -> aabc; num_symbols=6 is the published one of 2017."""
    return _over_letters(sequences.sort(num_symbols), num_symbols, min_length, max_length)


def shift(*, places: int = 1, num_symbols: int = 12, min_length: int = 1, max_length: int = MAX_LENGTH) -> Problem:
    """Rotated to the left: abcd -> bcda."""
    return _over_letters(sequences.shift(num_symbols, places), num_symbols, min_length, max_length)


def sort_pairs(*, num_keys: int = 6, min_length: int = 2, max_length: int = MAX_LENGTH) -> Problem:
    """Pairs of key and value ordered by key: c1a2c0 -> a2c1c0."""
    symbols = Symbols(letters(num_keys) + DIGITS)
    return _problem(sequences.sort_pairs(num_keys), symbols, symbols, min_length, max_length)


def search(*, num_keys: int = 12, min_length: int = 4, max_length: int = MAX_LENGTH) -> Problem:
    """The last value of a key: a1b2a3?a -> 3."""
    symbols = Symbols(letters(num_keys) + DIGITS + "?-")
    return _problem(sequences.search(num_keys), symbols, symbols, min_length, max_length)


def addition(
    *,
    base: int = 10,
    order: ReadingOrder = "least_first",
    share_carrying: float = 0.0,
    min_length: int = 3,
    max_length: int = MAX_LENGTH,
) -> Problem:
    """Sums of numbers written one after the other: 21+43 -> 640 (least significant digit first).

    `share_carrying` of the training examples have carries that run farther than those of uniform digits.
    """
    return _over_digits(arithmetic.addition(base, order, share_carrying), base, "+", min_length, max_length)


def aligned_addition(
    *,
    base: int = 10,
    order: ReadingOrder = "least_first",
    share_carrying: float = 0.0,
    min_length: int = 3,
    max_length: int = MAX_LENGTH,
) -> Problem:
    """Sums of numbers whose digits of a place are one token: 21+43 -> 640; `share_carrying` as of `addition`."""
    task, pairs = (
        arithmetic.aligned_addition(base, order, share_carrying),
        DigitPairs(base, "+", order == "least_first"),
    )
    return _problem(task, pairs, Symbols(DIGITS[:base]), min_length, max_length)


def subtraction(
    *, base: int = 10, order: ReadingOrder = "least_first", min_length: int = 3, max_length: int = MAX_LENGTH
) -> Problem:
    """Differences, never below 0: 43-21 -> 22."""
    return _over_digits(arithmetic.subtraction(base, order), base, "-", min_length, max_length)


def multiplication(
    *, base: int = 2, order: ReadingOrder = "least_first", min_length: int = 3, max_length: int = MAX_LENGTH
) -> Problem:
    """Products, binary ones by default: 11*11 -> 1001 (least significant digit first)."""
    return _over_digits(arithmetic.multiplication(base, order), base, "*", min_length, max_length)


def increment(
    *, base: int = 10, order: ReadingOrder = "least_first", min_length: int = 2, max_length: int = MAX_LENGTH
) -> Problem:
    """One more: 991 -> 0020 (least significant digit first)."""
    return _over_digits(arithmetic.increment(base, order), base, "", min_length, max_length)


def parity(*, min_length: int = 1, max_length: int = MAX_LENGTH) -> Problem:
    """Whether the number of ones is odd: 1101 -> 1."""
    return _over_digits(counting.parity(), 2, "", min_length, max_length)


def count(*, num_symbols: int = 3, min_length: int = 1, max_length: int = MAX_LENGTH) -> Problem:
    """How often the first symbol stands there: abaa -> 3."""
    symbols = Symbols(letters(num_symbols) + DIGITS)
    return _problem(counting.counting(num_symbols), symbols, symbols, min_length, max_length)


def prefix_sums(*, base: int = 2, min_length: int = 1, max_length: int = MAX_LENGTH) -> Problem:
    """All sums so far, modulo the base: 1101 -> 1001."""
    return _over_digits(counting.prefix_sums(base), base, "", min_length, max_length)


def brackets(*, num_kinds: int = 2, min_length: int = 2, max_length: int = MAX_LENGTH) -> Problem:
    """Which brackets have a partner: (()[ -> -++-."""
    task = counting.brackets(num_kinds)
    return _problem(task, Symbols(counting.BRACKETS[: 2 * num_kinds]), Symbols("+-"), min_length, max_length)


def _over_letters(task: Task, num_symbols: int, min_length: int, max_length: int) -> Problem:
    symbols = Symbols(letters(num_symbols))
    return _problem(task, symbols, symbols, min_length, max_length)


def _over_digits(task: Task, base: int, signs: str, min_length: int, max_length: int) -> Problem:
    symbols = Symbols(DIGITS[:base] + signs)
    return _problem(task, symbols, symbols, min_length, max_length)


def _problem(task: Task, inputs: Codec, targets: Codec, min_length: int, max_length: int) -> Problem:
    source = Generated(task=task, min_length=min_length, max_length=max_length)
    return Problem(
        source=source,
        inputs=inputs,
        targets=targets,
        metrics={"exact match": exact_match, "symbol accuracy": symbol_accuracy},
        is_shared=inputs == targets,
        max_length=max_length + 1,
        growth=task.growth,
        places=task.places,
        licence=source.licence,
    )
