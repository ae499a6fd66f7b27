"""Rows with named columns: JSON, Parquet, and tables with a first line of names."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.lines import lines

NAMES = (("inputs", "targets"), ("source", "target"))
KEPT = ("document", "split")
NO_PAIR = "no pair of inputs/targets, source/target or translation"


Record = tuple[str, object]
"""Where it stands, and what it is: JSON's value, or why there is none (`Rejected`)."""


def jsonl_records(path: Path) -> Iterator[Record]:
    """One JSON object a line."""
    for where, line in lines(path):
        if isinstance(line, Rejected):
            yield where, line
            continue
        try:
            yield where, json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            yield where, Rejected(reason="invalid JSON", where=where)


def parquet_records(path: Path) -> Iterator[Record]:
    """Rows of a Parquet file, in batches."""
    import pyarrow
    from pyarrow import parquet

    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=4096):
                for record in batch.to_pylist():
                    number += 1
                    yield f"{path.name}, row {number}", record
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise SourceError(f"`{path}` is no readable Parquet file: {reason} Check how it was written.") from error


def json_records(path: Path) -> Iterator[Record]:
    """The objects of a list, or one object a line."""
    with path.open("rb") as file:
        is_list = file.read(1000).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    if not is_list:
        yield from jsonl_records(path)
        return
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise SourceError(f"`{path}` is no readable JSON: {error}. Check how it was written.") from error
    for number, record in enumerate(found, start=1):
        yield f"{path.name}, row {number}", record


def csv_records(path: Path) -> Iterator[Record]:
    """Rows of a table whose first line names the columns, apart by commas, or in a .tsv by tabs."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = csv.reader(file, delimiter="\t" if path.suffix == ".tsv" else ",")
        names: list[str] | None = None
        while True:
            where = f"{path.name}:{rows.line_num + 1}"
            try:
                row = next(rows, None)
            except csv.Error:  # a quote that is never closed, most often
                yield where, Rejected(reason="a field over 128 kB", where=where)
                continue
            if row is None:
                return
            if names is None:
                names = row
            elif row:
                yield where, _record(names, row, where)


def _record(names: Sequence[str], row: Sequence[str], where: str) -> object:
    if len(row) != len(names):
        return Rejected(reason="another number of columns than the first line", where=where)
    if any("\udc80" <= character <= "\udcff" for field in row if not field.isascii() for character in field):
        return Rejected(reason="invalid UTF-8", where=where)
    return dict(zip(names, row, strict=True))


RECORDS: Mapping[str, Callable[[Path], Iterator[Record]]] = {
    ".jsonl": jsonl_records,
    ".json": json_records,
    ".parquet": parquet_records,
    ".csv": csv_records,
    ".tsv": csv_records,
}
"""By the file's ending."""


def example(record: object, where: str, columns: Sequence[str] = ()) -> Example | Rejected:
    """The pair in a record, with its `document` and `split` where it has them.

    The names are `columns` if two are given, else inputs/targets, source/target, or `translation`: {"en": ..., "de":
    ...}, first language to second.
    """
    if isinstance(record, Rejected):
        return record
    if isinstance(record, Mapping):
        sides = _sides(record, columns)
        if sides:
            kept = {key: record[key] for key in KEPT if record.get(key) is not None}
            return {"inputs": sides[0], "targets": sides[1], "where": where, **kept}
    reason = f"no columns `{'` and `'.join(columns)}`" if columns else NO_PAIR
    return Rejected(reason=reason, where=where)


def _sides(record: Mapping, columns: Sequence[str]) -> tuple[object, object] | None:
    for names in (columns,) if columns else NAMES:
        if all(name in record for name in names):
            return record[names[0]], record[names[1]]
    translation = None if columns else record.get("translation")
    if isinstance(translation, Mapping) and len(translation) == 2:
        first, second = translation.values()
        return first, second
    return None
