"""A class ↔ one token."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, SupportsInt

from lengthwise.contracts import Feature
from lengthwise.data.codecs.codec import Codec, Unreadable
from lengthwise.data.codecs.symbols import FIRST


@dataclass(frozen=True)
class Labels(Codec):
    """One token per class, and nothing behind it; without `names` given, `fit` learns all there are, in their order."""

    is_closed: ClassVar[bool] = False

    names: tuple[str, ...] = ()

    @property
    def is_fitted(self) -> bool:
        return bool(self.names)

    @property
    def feature(self) -> Feature:
        return Feature(modality="label", size=FIRST + max(2, len(self.names)))

    def fit(self, texts: Iterator[str]) -> "Labels":
        if self.names:
            return self
        found = Labels(tuple(sorted(set(texts))))
        if len(found.names) < 2:
            raise ValueError(f"Examples must be of at least two classes, but all are of {list(found.names)}.")
        return found

    def encode(self, text: str) -> list[int]:
        if text not in self.names:
            raise Unreadable("class that train does not have")
        return [FIRST + self.names.index(text)]

    def decode(self, tokens: Iterable[SupportsInt]) -> str:
        return "".join(self.names[int(token) - FIRST] for token in list(tokens)[:1] if int(token) >= FIRST)

    def save(self, path: Path) -> None:
        content = {"type": self.type_name(), "names": self.names}
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Labels":
        try:
            return cls(tuple(json.loads(path.read_text(encoding="utf-8"))["names"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"`{path}` must be a saved Labels codec, but can't be read as one ({error}).") from None
