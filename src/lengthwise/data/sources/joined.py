"""Several sources as one: the rows of each, one source after the other, marked with whose they are."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected, Report, Source


@dataclass(frozen=True, kw_only=True)
class Joined(Source):
    """A row's `part` is the name of its source here.

    Documents of two sources that have one name are one document: the same page in two languages is never in train for
    one and in test for the other.
    """

    sources: Mapping[str, Source]
    name: str = "joined"

    @property
    def licence(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Of all of them."""
        return "; ".join(sorted({source.licence for source in self.sources.values()}))

    def fetch(self, report: Report | None = None) -> None:
        """Fetch each."""
        for source in self.sources.values():
            source.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Those of each, under its name."""
        return {
            f"{name}/{file}": checksum
            for name, source in self.sources.items()
            for file, checksum in source.checksums().items()
        }

    def code(self) -> Iterable[object]:
        """That of each."""
        for source in self.sources.values():
            yield type(source)
            yield from source.code()

    def read(self) -> Iterator[Example | Rejected]:
        """The rows of each."""
        for name, source in self.sources.items():
            for row in source.read():
                if isinstance(row, Rejected):
                    yield row
                    continue
                yield {**row, "part": name}
