"""Inputs of a given length: random ones, and those on which models that only look right fail."""

from collections.abc import Callable, Mapping

import numpy as np

from lengthwise.data.sources.generated.task import RANDOM, Draw

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"


def letters(count: int) -> str:
    """The first letters of the alphabet; ValueError where they are none or too few to differ."""
    if not 2 <= count <= len(LETTERS):
        raise ValueError(f"`data.num_symbols` or `data.num_keys` must be from 2 to {len(LETTERS)}, but is {count}.")
    return LETTERS[:count]


def over(alphabet: str, answer: Callable[[str], str]) -> Callable[[str], str]:
    """`answer` of texts over this alphabet; ValueError in one line for others."""

    def checked(inputs: str) -> str:
        if not inputs or set(inputs) - set(alphabet):
            raise ValueError(f"The inputs must be one or more of the symbols {alphabet}, but are {inputs[:40]!r}.")
        return answer(inputs)

    return checked


def random_symbols(length: int, alphabet: str, random: np.random.Generator) -> str:
    """Independent, uniform symbols."""
    codes = np.frombuffer(alphabet.encode("ascii"), dtype=np.uint8)
    return codes[random.integers(len(codes), size=length)].tobytes().decode("ascii")


def sequences(alphabet: str, size: Callable[[int], int] = lambda length: length) -> Mapping[str, Draw]:
    """Sequences of `size(length)` symbols: random, all equal, two in turns, palindromes, and only the first symbol."""

    def equal(length: int, random: np.random.Generator) -> str:
        return size(length) * random_symbols(1, alphabet, random)

    def alternating(length: int, random: np.random.Generator) -> str:
        first, second = random.permutation(list(alphabet))[:2]
        return ((first + second) * size(length))[: size(length)]

    def palindrome(length: int, random: np.random.Generator) -> str:
        half = random_symbols((size(length) + 1) // 2, alphabet, random)
        return half + half[: size(length) // 2][::-1]

    return {
        RANDOM: lambda length, random: random_symbols(size(length), alphabet, random),
        "equal": equal,
        "alternating": alternating,
        "palindrome": palindrome,
        "zeros": lambda length, random: size(length) * alphabet[0],
    }
