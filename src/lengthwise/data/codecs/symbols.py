"""Text ↔ one token per character of a fixed alphabet, or per place of two numbers written side by side."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import SupportsInt

import numpy as np

from lengthwise.contracts import EOS, PAD, START, Feature
from lengthwise.data.codecs.codec import Codec

FIRST = max(PAD, EOS, START) + 1
"""Id of an alphabet's first symbol."""


@dataclass(frozen=True)
class Fixed(Codec):
    """What codecs share whose vocabulary is their settings."""

    @property
    def is_fitted(self) -> bool:
        return True

    def fit(self, texts: Iterator[str]) -> "Fixed":
        return self

    def save(self, path: Path) -> None:
        path.write_text(json.dumps({"type": self.type_name(), **asdict(self)}), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Fixed":
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{name: value for name, value in content.items() if name != "type"})
        except (ValueError, TypeError, AttributeError) as error:
            raise ValueError(f"`{path}` must be a saved {cls.__name__} codec, but can't be read ({error}).") from None


@dataclass(frozen=True)
class Symbols(Fixed):
    """One token per character of `alphabet` (ASCII)."""

    alphabet: str

    @property
    def feature(self) -> Feature:
        digits = tuple(FIRST + index for index, symbol in enumerate(self.alphabet) if symbol.isdecimal())
        return Feature(size=FIRST + len(self.alphabet), digits=digits)

    def encode(self, text: str) -> list[int]:
        found = [self.alphabet.find(character) for character in text]
        if -1 in found:
            wrong = text[found.index(-1)]
            raise ValueError(f"The text must be written with {self.alphabet!r}, but has {wrong!r} in {text[:40]!r}.")
        return [FIRST + index for index in found]

    def decode(self, tokens: Iterable[SupportsInt]) -> str:
        return "".join(self.alphabet[token - FIRST] for token in _real(tokens) if token >= FIRST)


@dataclass(frozen=True)
class DigitPairs(Fixed):
    """Two numbers around a sign; one token holds both digits of a place, a missing digit counting as zero."""

    base: int = 10
    sign: str = "+"
    is_least_first: bool = True
    """Whether the numbers are written least significant digit first; the tokens are in the order of the text."""

    @property
    def feature(self) -> Feature:
        return Feature(size=FIRST + self.base**2)

    def encode(self, text: str) -> list[int]:
        first, sign, second = text.partition(self.sign)
        digits = [["0123456789"[: self.base].find(digit) for digit in number] for number in (first, second)]
        if not sign or not all(digits) or min(map(min, digits)) < 0:
            raise ValueError(
                f"The text must be two numbers in base {self.base} around {self.sign}, but is {text[:40]!r}."
            )
        size = max(map(len, digits))
        pairs = np.zeros((2, size), dtype=np.int64)
        for row, number in zip(pairs, digits, strict=True):
            place = slice(0, len(number)) if self.is_least_first else slice(size - len(number), size)
            row[place] = number
        return (FIRST + pairs[0] * self.base + pairs[1]).tolist()

    def decode(self, tokens: Iterable[SupportsInt]) -> str:
        pairs = [divmod(token - FIRST, self.base) for token in _real(tokens) if token >= FIRST]
        first, second = ("".join(str(pair[side]) for pair in pairs) for side in (0, 1))
        return f"{first}{self.sign}{second}"


def _real(tokens: Iterable[SupportsInt]) -> Sequence[int]:
    found = list(map(int, tokens))
    return found[: found.index(EOS)] if EOS in found else found
