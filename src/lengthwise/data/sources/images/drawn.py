"""Images the other way round: from a class to an image of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected, Report, Source


@dataclass(frozen=True)
class Drawn(Source):
    """The rows of a source of images and their classes, inputs and targets exchanged."""

    source: Source

    @property
    def name(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The source's."""
        return self.source.name

    @property
    def licence(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The source's."""
        return self.source.licence

    @property
    def is_split_exact(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The source's."""
        return self.source.is_split_exact

    def fetch(self, report: Report | None = None) -> None:
        """Fetch the source."""
        self.source.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Those of the source."""
        return self.source.checksums()

    def code(self) -> Iterable[object]:
        """That of the source."""
        yield type(self.source)
        yield from self.source.code()

    def read(self) -> Iterator[Example | Rejected]:
        """Every row, exchanged."""
        for row in self.source.read():
            yield row if isinstance(row, Rejected) else {**row, "inputs": row["targets"], "targets": row["inputs"]}
