"""Programs ↔ subwords, with runs of blanks as tokens and marks around a gap that is to be filled in."""

from dataclasses import dataclass
from typing import ClassVar

from lengthwise.data.codecs.text import Subwords

PREFIX, SUFFIX, MIDDLE = "\ufdd0", "\ufdd1", "\ufdd2"
"""Before the text before a gap, the text behind it, and what belongs in it; characters that Unicode keeps for
programs' own use, so that no source holds them."""

# A name takes the sign or the space before it (`.append`, `(self`, ` return`); a line's end closes a token, so that a
# text that ends there is cut where training's texts are; the blanks of an indentation, but for the last, are one piece.
PIECES = (
    r" ?[\p{L}\p{M}]+|[^\s\p{L}\p{M}\p{N}][\p{L}\p{M}]+| ?\p{N}| ?[^\s\p{L}\p{M}\p{N}]+\n*"
    r"|[^\S\n]*\n+|[^\S\n]+(?!\S)|[^\S\n]+"
)


@dataclass(frozen=True)
class CodeSubwords(Subwords):
    """Byte-level BPE of programs; every string comes back exactly, the marks of a gap too."""

    pattern: ClassVar[str] = PIECES
    is_spaced: ClassVar[bool] = False
    marks: ClassVar[tuple[str, ...]] = (PREFIX, SUFFIX, MIDDLE)


def gap(prefix: str, suffix: str, middle: str = "", *, is_suffix_first: bool = False) -> str:
    """A text whose middle stands last (Bavarian et al. 2022), as a model that fills gaps reads it and goes on.

    `is_suffix_first`: in the order suffix, prefix, middle, where prefix and middle are one run of text.
    """
    if is_suffix_first:
        return f"{PREFIX}{SUFFIX}{suffix}{MIDDLE}{prefix}{middle}"
    return f"{PREFIX}{prefix}{SUFFIX}{suffix}{MIDDLE}{middle}"
