"""What every codec does: turn one side of an example into token ids, or an image or a sound into numbers, and back."""

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, SupportsInt

from lengthwise.contracts import Constraint, Feature


class Unreadable(ValueError):
    """Why one value can't be encoded: short, and the same for all values with the same fault."""


class Codec(ABC):
    """Raw value ↔ token ids, without PAD, EOS or START; `repr` names every setting, for fingerprints.

    Images and sounds (`Blob`) become arrays: uint8 of `[height, width, channels]`, float16 of `[frames, channels]`.
    """

    is_closed: ClassVar[bool] = True
    """Whether `EOS` stands behind what it encodes."""

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

    @property
    def constraint(self) -> Constraint | None:
        """Which tokens may follow which, so that what is written can be read; None where all may."""
        return None

    @abstractmethod
    def encode(self, text: Any) -> Any:
        """Token ids of one text; the array of an image or a sound."""

    def encode_batch(self, texts: Sequence[Any]) -> list[Any]:
        """The same of many, in parallel where the codec can; `Unreadable` in place of those that can't be encoded."""
        found = []
        for text in texts:
            try:
                found.append(self.encode(text))
            except Unreadable as reason:
                found.append(reason)
        return found

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
