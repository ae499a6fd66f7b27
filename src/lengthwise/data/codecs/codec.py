"""What every codec does: turn one side of an example into token ids and back."""

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import SupportsInt

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
        """What a model must know of this side; before fitting, its vocabulary is as large as it may become."""

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Token ids of one text."""

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of many texts, in parallel where the codec can."""
        return [self.encode(text) for text in texts]

    @abstractmethod
    def decode(self, tokens: Iterable[SupportsInt]) -> str:
        """The text of token ids (a list, array or 1-D tensor): drops PAD and START, stops at EOS."""

    @abstractmethod
    def save(self, path: Path) -> None:
        """Write a fitted codec to one JSON file whose `type` is `type_name()`."""

    @classmethod
    @abstractmethod
    def load(cls, path: Path) -> "Codec":
        """Read what `save` wrote; a ValueError where the file isn't that."""

    @classmethod
    def type_name(cls) -> str:
        """`module:Class`, by which `load_codec` finds the class."""
        return f"{cls.__module__}:{cls.__qualname__}"


def load_codec(path: Path) -> Codec:
    """Read a codec of whatever class the file names: one of this package's, or of a module that is imported already."""
    try:
        module, _, name = json.loads(path.read_text(encoding="utf-8"))["type"].partition(":")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"`{path}` must be a saved codec, but can't be read as one ({error}).") from None
    known = import_module(module) if module.startswith(f"{__package__}.") else sys.modules.get(module)
    codec = getattr(known, name, None)
    if not (isinstance(codec, type) and issubclass(codec, Codec)):
        raise ValueError(f"`{path}` names the codec `{module}:{name}`, which is not known. Import its module first.")
    return codec.load(path)
