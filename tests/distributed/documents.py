"""Problems of documents without inputs, for tests of packed rows: `--problem documents:alone` and `documents:mixed`."""

import random
from collections.abc import Iterator

from lengthwise.contracts import Example
from lengthwise.data.codecs.symbols import Symbols
from lengthwise.data.mixture import Mixture
from lengthwise.data.problem import Problem, Source

LETTERS = "abcdef"


class Sentences(Source):
    """Letters in runs, some documents much longer than others; of one or of two parts."""

    name = "sentences"
    licence = "none needed"

    def __init__(self, parts: tuple[str, ...]) -> None:
        self.parts = parts

    def fetch(self, report: object = None) -> None:
        """Nothing to fetch."""

    def checksums(self) -> dict[str, str]:
        """What `read` depends on."""
        return {"parts": str(self.parts)}

    def read(self) -> Iterator[Example]:
        """Every document once."""
        draw = random.Random(0)
        for number in range(300):
            text = "".join(draw.choice(LETTERS) * draw.randint(1, 3) for _ in range(draw.choice([2, 3, 5, 12])))
            part = {"part": self.parts[number % 2]} if self.parts else {}
            yield {"targets": text, "document": str(number), **part}


def alone() -> Problem:
    """One set of documents."""
    return Problem(source=Sentences(()), inputs=None, targets=Symbols(LETTERS), max_length=40)


def mixed() -> Problem:
    """Two, drawn by rate."""
    parts = ("first", "second")
    return Problem(
        source=Sentences(parts),
        inputs=None,
        targets=Symbols(LETTERS),
        max_length=40,
        parts=parts,
        mixture=Mixture(rates=(1.0, 2.0)),
    )
