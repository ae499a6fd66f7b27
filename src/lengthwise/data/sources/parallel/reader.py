"""What every reader of parallel text gives: aligned passages, English beside one other language."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from lengthwise.data.sources.cache import Cached


@dataclass(frozen=True, slots=True)
class Pair:
    """A passage in English and in the other language."""

    document: str
    """What must not be split between train and test: a page, a package, a catalogue."""
    english: str
    foreign: str


@dataclass(frozen=True)
class ParallelReader(ABC):
    """Reads aligned passages out of packages."""

    name: ClassVar[str]
    """Short; the first part of every document's name."""
    licence: ClassVar[str]
    """Of the texts."""

    language: str
    """The other language: `de`."""

    @property
    @abstractmethod
    def material(self) -> Cached:
        """What has to be fetched."""

    @abstractmethod
    def pairs(self) -> Iterator[Pair]:
        """Every aligned passage in a fixed order; repetitions and poor ones are left to the corpus to drop."""
