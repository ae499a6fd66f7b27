"""Text ↔ one token per word of a closed vocabulary; a word is what stands between white space."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import SupportsInt

from lengthwise.contracts import EOS, PAD, START, Feature
from lengthwise.data.codecs.codec import Codec

FIRST = max(PAD, EOS, START) + 1
"""Id of the first word."""


@dataclass(frozen=True)
class Words(Codec):
    """One token per word; without `words` given, `fit` learns all there are, in alphabetical order."""

    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        wrong = next((word for word in self.words if word.split() != [word]), None)
        if wrong is not None or len(self._ids) < len(self.words):
            found = "some stand there twice" if wrong is None else f"one is {wrong!r}"
            raise ValueError(f"`words` must be different words without white space, but {found}.")

    @property
    def is_fitted(self) -> bool:
        return bool(self.words)

    @property
    def feature(self) -> Feature:
        return Feature(size=FIRST + len(self.words))

    def fit(self, texts: Iterator[str]) -> "Words":
        return self if self.words else Words(tuple(sorted({word for text in texts for word in text.split()})))

    def encode(self, text: str) -> list[int]:
        if not self.words:
            raise ValueError("`Words` must be fitted before use, but is not. Call `fit` or `load`.")
        try:
            return [self._ids[word] for word in text.split()]
        except KeyError as error:
            raise ValueError(
                f"The text must be written with the {len(self.words):,} words of the vocabulary, but has "
                f"{error.args[0]!r} in {text[:40]!r}."
            ) from None

    def decode(self, tokens: Iterable[SupportsInt]) -> str:
        found = []
        for token in map(int, tokens):
            if token == EOS:
                break
            if token >= FIRST:
                found.append(self.words[token - FIRST])
        return " ".join(found)

    def save(self, path: Path) -> None:
        content = {"type": self.type_name(), "words": self.words}
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Words":
        try:
            return cls(tuple(json.loads(path.read_text(encoding="utf-8"))["words"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"`{path}` must be a saved Words codec, but can't be read as one ({error}).") from None

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: id for id, word in enumerate(self.words, start=FIRST)}
