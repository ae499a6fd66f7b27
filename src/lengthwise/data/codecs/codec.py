"""What every codec does: turn one side of an example into token ids and back."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lengthwise.contracts import Feature


class Codec(ABC):
    """Raw value ↔ token ids, without PAD, EOS or START; `repr` names every setting, for fingerprints."""

    @abstractmethod
    def fit(self, texts: Iterator[str]) -> "Codec":
        """A codec of the same settings that has learned its vocabulary from `texts`; itself if it needs none."""

    @property
    @abstractmethod
    def is_fitted(self) -> bool:
        """Whether `encode` can be called."""

    @property
    @abstractmethod
    def feature(self) -> Feature:
        """What a model must know of this side."""

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Token ids of one text."""

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of many texts, in parallel where the codec can."""
        return [self.encode(text) for text in texts]

    @abstractmethod
    def decode(self, tokens: Iterable[int]) -> str:
        """The text of token ids: drops PAD and START, stops at EOS."""

    @abstractmethod
    def save(self, path: Path) -> None:
        """Write a fitted codec to one file."""

    @classmethod
    @abstractmethod
    def load(cls, path: Path) -> "Codec":
        """Read what `save` wrote; a ValueError where the file isn't that."""
