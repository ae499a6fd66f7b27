"""Rows of another source, some with a gap: what stood there is moved behind the rest (Bavarian et al. 2022)."""

import hashlib
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lengthwise.contracts import Example
from lengthwise.data.codecs.code import MIDDLE, PREFIX, SUFFIX, gap
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.rows import Row
from lengthwise.data.splits import assign_splits


@dataclass(frozen=True)
class WithGaps(Source):
    """A share of the rows that train learns from; validation and test stay as they were, to compare models on.

    A gap lies anywhere in a row, between two characters drawn evenly; half of them are written suffix first. The draws
    are made from the row's text alone.
    """

    source: Source
    rate: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise ValueError(f"`fill_in_the_middle` must be between 0 and 1, but is {self.rate}.")

    @property
    def name(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The source's."""
        return self.source.name

    @property
    def licence(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The source's."""
        return self.source.licence

    def fetch(self, report: Report | None = None) -> None:
        """What the source fetches."""
        self.source.fetch(report)

    def checksums(self) -> dict[str, str]:
        """The source's, and the rate."""
        return {**self.source.checksums(), "gaps": str(self.rate)}

    def code(self) -> Iterable[object]:
        """That of the source."""
        yield type(self.source)
        yield from self.source.code()

    def read(self) -> Iterator[Example | Rejected]:
        """The source's rows in its order, their splits fixed."""
        rows: list[Example] = []
        for row in self.source.read():
            if isinstance(row, Rejected):
                yield row
            elif any(mark in str(row["targets"]) for mark in (PREFIX, SUFFIX, MIDDLE)):
                yield Rejected(reason="text with a gap's marks", where=str(row.get("where")))
            else:
                rows.append(row)
        splits = assign_splits([_row(each) for each in rows])
        for row, split in zip(rows, splits, strict=True):
            text = str(row["targets"])
            yield {**row, "split": split, "targets": self.changed(text) if split == "train" else text}

    def changed(self, text: str) -> str:
        """The text, or the text with a gap."""
        draw = random.Random(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
        if draw.random() >= self.rate:
            return text
        begin, end = sorted(draw.randint(0, len(text)) for _ in range(2))
        return gap(text[:begin], text[end:], text[begin:end], is_suffix_first=draw.random() < 0.5)


def _row(row: Example) -> Row:
    document, split = row.get("document"), row.get("split")
    return Row(
        inputs="",
        targets=str(row["targets"]),
        document=None if document is None else str(document),
        split=None if split is None else str(split),
    )
