"""Lines of the adventure game Flight of the Amazon Queen (1995), spoken by actors; 11 kHz."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.package import DebianPackages
from lengthwise.data.sources.speech.queen_archive import lines
from lengthwise.data.sources.speech.transcript import recording

PACKAGE = "flight-of-the-amazon-queen"
MATERIAL = DebianPackages((PACKAGE,), ("*/queen.1c",))
HELD_OUT = {
    "validation": "C26 C5 C73 C9 CHIEF LOU".split(),
    "test": "BLUEP C22 C24 C30 C48 C51 C56 C63 C67 C70 C99 LARIS ORACLE SHOWERAM".split(),
}
"""Documents by split, 7 % of the lines each; they were drawn, in the order of their names' sha256.

There are so few documents of so different sizes that a split by chance would be of any size.
"""
SPLITS = {document: split for split, documents in HELD_OUT.items() for document in documents}


@dataclass(frozen=True)
class AmazonQueen(Source):
    """All dialogues with a person are a document, and all cut-scenes of a place: these share lines.

    A voice may be heard in several documents, the hero's is in nearly all.
    """

    name: str = "amazon queen"
    licence: str = "freeware: the game may be given away, changed and distributed, but not sold by itself"

    def fetch(self, report: Report | None = None) -> None:
        """Bring the game."""
        MATERIAL.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Of the package."""
        return MATERIAL.checksums()

    def read(self) -> Iterator[Example | Rejected]:
        """Every recorded line; of two texts with one recording the first, which is the one that the game shows."""
        (path,) = MATERIAL.root(PACKAGE).rglob("queen.1c")
        seen: set[str] = set()
        for line in lines(path):
            where = f"{line.document}, {line.name}"
            if line.sound is None:
                yield Rejected(reason="not recorded", where=where, is_bad=False)
            elif line.name in seen:
                yield Rejected(reason="another text of the same recording", where=where, is_bad=False)
            else:
                seen.add(line.name)
                document = _part_of_game(line.document)
                yield recording(line.sound, line.text, document, where, SPLITS.get(document, "train"))


def _part_of_game(name: str) -> str:
    """`BOB` of BOB2.DOG, `C21` of C21K.CUT."""
    part = re.match(r"C\d+|[A-Z]+", name)
    return part[0] if part else name
