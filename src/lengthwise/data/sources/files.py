"""Your own pairs: a table or file of records, a data set of the hub, or two parallel .txt files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.cache import SourceError, sha256
from lengthwise.data.sources.hub import HubDataSet, is_hub
from lengthwise.data.sources.lines import count_lines, lines
from lengthwise.data.sources.records import NO_PAIR, RECORDS, example

Rows = Iterator[Example | Rejected]


@dataclass(frozen=True)
class PairFiles(Source):
    """Pairs in one file, or in two whose lines belong together (their ending does not matter)."""

    paths: tuple[str, ...]
    """One path, or the inputs' and the targets'."""
    columns: tuple[str, ...] = ()
    """Names of the inputs' and the targets' in records; without them, the usual ones."""
    name: str = "files"
    licence: str = "your own"

    def __post_init__(self) -> None:
        if len(self.columns) not in (0, 2):
            raise SourceError(f"`columns` must be two names, inputs and targets, but is {list(self.columns)}.")
        if len(self.paths) not in (1, 2) or not all(self.paths):
            raise SourceError(
                f"`source` must be one file or two parallel ones, but is {list(self.paths)}. "
                "Write data.source=pairs.tsv or data.source=a.en,b.de."
            )

    def fetch(self, report: Report | None = None) -> None:
        """Check that the files can be what they should be; the error names the file and the line."""
        if (data_set := self._hub) is not None:
            data_set.fetch(report)
            return
        for path in map(Path, self.paths):
            _check(path)
        if len(self.paths) == 1 and Path(self.paths[0]).suffix not in READERS:
            known = ", ".join(READERS)
            raise SourceError(f"`{self.paths[0]}` must end in {known}. Or give two files: data.source=a.en,b.de.")
        if len(self.paths) == 2:
            _check_parallel(*map(Path, self.paths))
        elif isinstance(first := next(self.read(), None), Rejected) and first.reason in STRUCTURAL:
            raise SourceError(f"{first.where}: {first.reason}. {STRUCTURAL[first.reason]}")

    def checksums(self) -> dict[str, str]:
        """Sha256 by path; of the hub's data, their revision."""
        if self._hub is not None:
            return self._hub.checksums()
        return {path: sha256(Path(path)) for path in self.paths}

    def read(self) -> Rows:
        """Every row in order; unreadable ones as Rejected."""
        first = Path(self.paths[0])
        if len(self.paths) == 2:
            return _parallel_rows(first, Path(self.paths[1]))
        if self._hub is None and first.suffix == ".tsv" and not self.columns:
            return _tsv_rows(first)
        records = RECORDS[first.suffix](first) if self._hub is None else self._hub.records()
        return (example(record, where, self.columns) for where, record in records)

    @property
    def _hub(self) -> HubDataSet | None:
        return HubDataSet(self.paths[0]) if len(self.paths) == 1 and is_hub(self.paths[0]) else None


def paths_of(source: str | Sequence[str]) -> tuple[str, ...]:
    """`pairs.tsv`, `a.en,b.de` or a list of paths, as paths."""
    if not isinstance(source, str):
        return tuple(source)
    return (source,) if Path(source).exists() else tuple(part.strip() for part in source.split(","))


def _tsv_rows(path: Path) -> Rows:
    for where, line in lines(path):
        if isinstance(line, Rejected):
            yield line
            continue
        columns = line.split("\t")
        if len(columns) < 2:
            yield Rejected(reason=ONE_COLUMN, where=where)
        else:
            yield {"inputs": columns[0], "targets": columns[1], "where": where}


def _parallel_rows(inputs: Path, targets: Path) -> Rows:
    for (where, source), (_, target) in zip(lines(inputs), lines(targets), strict=True):
        rejected = next((side for side in (source, target) if isinstance(side, Rejected)), None)
        yield rejected or {"inputs": source, "targets": target, "where": where}


def _check(path: Path) -> None:
    if not path.exists():
        raise SourceError(f"`{path}` does not exist. Check the path; it counts from {Path.cwd()}.")
    if not path.is_file():
        raise SourceError(f"`{path}` must be a file, but is a directory or a device.")
    if path.stat().st_size == 0:
        raise SourceError(f"`{path}` is empty. Give a file with at least one pair.")


def _check_parallel(inputs: Path, targets: Path) -> None:
    ours, theirs = count_lines(inputs), count_lines(targets)
    if ours != theirs:
        message = f"`{inputs}` has {ours:,} lines, but `{targets}` has {theirs:,}. Line n of both must belong together."
        raise SourceError(message)


ONE_COLUMN = "only one column"
STRUCTURAL: Mapping[str, str] = {
    ONE_COLUMN: "Each line must be: inputs, a tab, targets.",
    NO_PAIR: "Name the keys or columns like this.",
}
READERS = (".tsv", ".jsonl", ".parquet", ".json", ".csv")
