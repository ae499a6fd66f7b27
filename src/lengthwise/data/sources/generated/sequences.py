"""Tasks that move or order symbols: copy, reverse, duplicate, sort, shift, search."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lengthwise.data.sources.generated.draws import DIGITS, letters, over, random_symbols, sequences
from lengthwise.data.sources.generated.task import RANDOM, Task


def _task(name: str, answer: Callable[[str], str], num_symbols: int) -> Task:
    alphabet = letters(num_symbols)
    return Task(name=name, answer=over(alphabet, answer), inputs=sequences(alphabet))


def copy(num_symbols: int) -> Task:
    """Abca -> abca."""
    return _task("copy", lambda inputs: inputs, num_symbols)


def reverse(num_symbols: int) -> Task:
    """Abca -> acba."""
    return replace(_task("reverse", lambda inputs: inputs[::-1], num_symbols), places="from_end")


def duplicate(num_symbols: int) -> Task:
    """Abc -> abcabc."""
    alphabet = letters(num_symbols)
    inputs = sequences(alphabet, lambda length: length // 2)
    answer = over(alphabet, lambda inputs: 2 * inputs)
    return Task(name="duplicate", answer=answer, inputs=inputs, growth=(2, 0), min_length=2)


def sort(num_symbols: int) -> Task:
    """Abca -> aabc."""
    return _task("sort", lambda inputs: "".join(sorted(inputs)), num_symbols)


def shift(num_symbols: int, places: int) -> Task:
    """Everything moves to the left by `places`, the first symbols come last: abcd -> bcda."""

    def answer(inputs: str) -> str:
        by = places % len(inputs)
        return inputs[by:] + inputs[:by]

    return _task("shift", answer, num_symbols)


def sort_pairs(num_keys: int) -> Task:
    """Pairs of key and value ordered by key, equal keys in their order: c1a2c0 -> a2c1c0."""

    def answer(inputs: str) -> str:
        return "".join(sorted(_pairs(inputs), key=lambda pair: pair[0]))

    def paired(keys: Callable[[int, np.random.Generator], str]) -> Callable[[int, np.random.Generator], str]:
        def inputs(length: int, random: np.random.Generator) -> str:
            found = keys(length // 2, random)
            return "".join(map("".join, zip(found, random_symbols(len(found), DIGITS, random), strict=True)))

        return inputs

    draws = {kind: paired(draw) for kind, draw in sequences(letters(num_keys)).items()}
    return Task(name="sort_pairs", answer=answer, inputs=draws, min_length=2)


def search(num_keys: int) -> Task:
    """The value that stands behind the last occurrence of a key: a1b2a3?a -> 3, and - where the key is absent."""

    def answer(inputs: str) -> str:
        table, _, key = inputs.partition("?")
        if len(key) != 1:
            raise ValueError(f"A search must end in ? and one key, as in a1b2?a, but is {inputs!r}.")
        return dict((pair[0], pair[1:]) for pair in _pairs(table)).get(key, "-")

    def inputs(place: Callable[[int, np.random.Generator], int]) -> Callable[[int, np.random.Generator], str]:
        def draw(length: int, random: np.random.Generator) -> str:
            count = (length - 2) // 2
            keys = random_symbols(count, letters(num_keys), random)
            values = random_symbols(count, DIGITS, random)
            key = keys[place(count, random)]
            return "".join(map("".join, zip(keys, values, strict=True))) + "?" + key

        return draw

    def absent(length: int, random: np.random.Generator) -> str:
        count = (length - 2) // 2
        key = random_symbols(1, letters(num_keys), random)
        others = letters(num_keys).replace(key, "")
        pairs = zip(random_symbols(count, others, random), random_symbols(count, DIGITS, random), strict=True)
        return "".join(map("".join, pairs)) + "?" + key

    kinds = {
        RANDOM: inputs(lambda count, random: int(random.integers(count))),
        "first": inputs(lambda count, random: 0),
        "absent": absent,
    }
    return Task(name="search", answer=answer, inputs=kinds, growth=(0, 1), min_length=4)


def _pairs(inputs: str) -> list[str]:
    if len(inputs) % 2:
        raise ValueError(f"There must be pairs of a key and a value, but {inputs!r} has an odd length.")
    return [inputs[at : at + 2] for at in range(0, len(inputs), 2)]
