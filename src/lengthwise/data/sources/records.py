"""Rows with named columns: JSON lines and Parquet."""

import json
from collections.abc import Iterator, Mapping
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


def jsonl_rows(path: Path) -> Iterator[Example | Rejected]:
    """Pairs, one JSON object a line."""
    return (example(record, where) for where, record in jsonl_records(path))


def parquet_rows(path: Path) -> Iterator[Example | Rejected]:
    """Pairs of a Parquet file."""
    return (example(record, where) for where, record in parquet_records(path))


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


def example(record: object, where: str) -> Example | Rejected:
    """The pair in a record, with its `document` and `split` where it has them.

    The names are inputs/targets, source/target, or `translation`: {"en": ..., "de": ...}, first language to second.
    """
    if isinstance(record, Rejected):
        return record
    if isinstance(record, Mapping):
        sides = _sides(record)
        if sides:
            kept = {key: record[key] for key in KEPT if record.get(key) is not None}
            return {"inputs": sides[0], "targets": sides[1], "where": where, **kept}
    return Rejected(reason=NO_PAIR, where=where)


def _sides(record: Mapping) -> tuple[object, object] | None:
    for names in NAMES:
        if all(name in record for name in names):
            return record[names[0]], record[names[1]]
    translation = record.get("translation")
    if isinstance(translation, Mapping) and len(translation) == 2:
        first, second = translation.values()
        return first, second
    return None
