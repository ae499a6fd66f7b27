"""Curated texts as a folder of .jsonl or .parquet files, with counts of what went and why; whole or not at all."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from lengthwise.contracts import Example
from lengthwise.data.curation.evaluation_sets import evaluation_checksums
from lengthwise.data.curation.mixing import check_rates, interleaved
from lengthwise.data.curation.pipeline import Curation, Curator, curator
from lengthwise.data.curation.progress import Progress, Tally, progress_of
from lengthwise.data.curation.writing import Format, read_parts, write_parts
from lengthwise.data.problem import Rejected, Report, Source

COUNTS = "counts.json"
SIDES = ("inputs", "targets", "text")
"""Of a record: its text, as it was judged."""


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """What is to be written."""

    inputs: Mapping[str, Source]
    curation: Curation = field(default_factory=Curation)
    rates: tuple[float, ...] = ()
    """Share of the kept bytes that each input is to have; without them all of each is written, one after the other."""
    format: Format = "jsonl"

    def __post_init__(self) -> None:
        if self.rates:
            check_rates(self.rates, len(self.inputs))

    def write(self, directory: Path, num_processes: int = 1, report: Report | None = None) -> dict[str, Any]:
        """Write it, and return what `counts.json` there says; instant where it was written before.

        What was stopped goes on behind the last whole file. ValueError where the folder holds something else, or where
        over 5 % of an input's rows are bad.
        """
        for source in self.inputs.values():
            source.fetch(report)
        settings = self._settings()
        if (known := _earlier(directory)) is not None:
            if known["settings"] != settings:
                raise ValueError(
                    f"`{directory}` must be new, but holds a corpus of other texts or settings. Remove it."
                )
            return known
        aside = directory.with_name(f".{directory.name}.part")
        with (
            progress_of(aside, settings, self.inputs) as progress,
            curator(self.curation, num_processes) as judge,
        ):
            self._write_parts(progress, judge, report)
            _check(progress)
            counts = _counts(progress)
            (aside / COUNTS).write_text(json.dumps(counts, indent=2, ensure_ascii=False), encoding="utf-8")
            progress.finish(directory)
        return counts

    def _write_parts(self, progress: Progress, judge: Curator, report: Report | None) -> None:
        """All that are not whole yet, where the others are remembered first."""
        for record in read_parts(progress.folder):
            judge.remember("\n".join(record[side] for side in SIDES if side in record))
        began = time.perf_counter() - progress.seconds
        rows = self._rows(judge, progress.tallies, report)
        for num_parts in write_parts(progress.folder, self.format, rows, progress.num_parts):
            progress.num_parts, progress.seconds = num_parts, time.perf_counter() - began
            progress.save()
        progress.seconds = time.perf_counter() - began

    def _rows(self, judge: Curator, tallies: Mapping[str, Tally], report: Report | None) -> Iterator[dict[str, str]]:
        names = list(self.inputs)
        streams = [_counted(judge, self.inputs[name], tallies[name], report) for name in names]
        given = [tally.bytes_kept for tally in tallies.values()]
        for number, (row, size) in interleaved(streams, self.rates, lambda item: item[1], given):
            tallies[names[number]].num_kept += 1
            tallies[names[number]].bytes_kept += size
            yield _record(row, names[number], is_alone=len(names) == 1)

    def _settings(self) -> dict[str, Any]:
        checksums = {name: source.checksums() for name, source in self.inputs.items()}
        checksums |= {f"against {name}": evaluation_checksums(name) for name in self.curation.against}
        settings = {**asdict(self.curation), "rates": self.rates, "format": self.format, "checksums": checksums}
        return json.loads(json.dumps(settings))


def _check(progress: Progress) -> None:
    """ValueError where too many rows are bad, or none was kept: then there is nothing to go on from either."""
    tallies = progress.tallies.values()
    try:
        for tally in tallies:
            tally.rejections.check(tally.num_read)
        if not any(tally.num_kept for tally in tallies):
            reasons = " ".join(tally.rejections.hint() for tally in tallies)
            raise ValueError(f"Some texts must be kept, but none is.{reasons}")
    except ValueError:
        progress.num_parts = 0
        raise


def _counts(progress: Progress) -> dict[str, Any]:
    megabytes = sum(tally.bytes_read for tally in progress.tallies.values()) / 1e6
    return {
        "inputs": {name: tally.to_json() for name, tally in progress.tallies.items()},
        "seconds": round(progress.seconds, 2),
        "megabytes_per_second": round(megabytes / progress.seconds, 2),
        "settings": progress.settings,
    }


def _counted(judge: Curator, source: Source, tally: Tally, report: Report | None) -> Iterator[tuple[Example, int]]:
    """The rows that stay, with their sizes; those that were read before are passed over."""
    for row, size in judge.judged(islice(source.read(), tally.num_read, None)):
        tally.num_read += 1
        tally.bytes_read += size
        if report and tally.num_read % 1000 == 0:
            report(f"curating {source.name}", tally.num_read, None)
        if isinstance(row, Rejected):
            tally.rejections.add(row)
        else:
            yield row, size


def _record(row: Example, name: str, *, is_alone: bool) -> dict[str, str]:
    """As `language_modeling.files` and `translation.files` read it."""
    sides = ("inputs", "targets") if isinstance(row.get("inputs"), str) else ("targets",)
    record = {side if len(sides) == 2 else "text": str(row[side]) for side in sides}
    if (document := row.get("document")) is not None:
        record["document"] = str(document) if is_alone else f"{name}/{document}"
    if (split := row.get("split")) is not None:
        record["split"] = str(split)
    return record


def _earlier(directory: Path) -> dict[str, Any] | None:
    """What stands there from an earlier call; ValueError where it is no corpus."""
    if not directory.exists():
        return None
    try:
        return json.loads((directory / COUNTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ValueError(
            f"`{directory}` must be a new folder, but is there and holds no corpus. Choose another name."
        ) from None
