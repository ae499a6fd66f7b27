"""Text ↔ its UTF-8 bytes: no vocabulary to learn, and any text comes back exactly."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import SupportsInt

from lengthwise.contracts import EOS, Feature
from lengthwise.data.codecs.symbols import FIRST, Fixed


@dataclass(frozen=True)
class Bytes(Fixed):
    """One token per byte."""

    @property
    def feature(self) -> Feature:
        return Feature(size=FIRST + 256)

    def encode(self, text: str) -> list[int]:
        return [FIRST + byte for byte in text.encode()]

    def decode(self, tokens: Iterable[SupportsInt]) -> str:
        """Bytes that are no UTF-8 become U+FFFD."""
        found = bytearray()
        for token in map(int, tokens):
            if token == EOS:
                break
            if token >= FIRST:
                found.append(token - FIRST)
        return found.decode(errors="replace")
