"""The rows of another source that pass a curation."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lengthwise.contracts import Example
from lengthwise.data.curation.evaluation_sets import evaluation_checksums
from lengthwise.data.curation.pipeline import Curation, curator
from lengthwise.data.problem import Rejected, Report, Source


@dataclass(frozen=True)
class Curated(Source):
    """Texts cleaned before they are learned from; rows that the source fixes for evaluation stay as they are."""

    source: Source
    curation: Curation = field(default_factory=Curation)
    num_processes: int = 1

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
        """The source's, those of the evaluation sets, and the settings."""
        sets = {
            f"{name}/{file}": checksum
            for name in self.curation.against
            for file, checksum in evaluation_checksums(name).items()
        }
        return {**self.source.checksums(), **sets, "curation": repr(self.curation)}

    def code(self) -> Iterable[object]:
        """That of the source."""
        yield type(self.source)
        yield from self.source.code()

    def read(self) -> Iterator[Example | Rejected]:
        """Rows in the source's order, those of evaluation first, and why others are left out."""
        yield from (row for row in self.source.read() if _is_evaluation(row))
        others = (row for row in self.source.read() if not _is_evaluation(row))
        with curator(self.curation, self.num_processes) as judge:
            yield from (row for row, _ in judge.judged(others))


def _is_evaluation(row: Example | Rejected) -> bool:
    return not isinstance(row, Rejected) and row.get("split") in ("validation", "test")
