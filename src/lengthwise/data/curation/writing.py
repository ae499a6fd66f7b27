"""Records of texts as files of bounded size."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from lengthwise.data.sources.records import RECORDS

Format = Literal["jsonl", "parquet"]

MAX_BYTES = 256_000_000
"""Of text in a file."""
ROWS_AT_ONCE = 10_000
COLUMNS = ("inputs", "targets", "text", "document", "split")

Records = Iterator[dict[str, str]]


def write_parts(directory: Path, format: Format, records: Records, first: int = 0) -> Iterator[int]:
    """Write `part-00000.jsonl` (or .parquet) and on, from number `first`; gives how many there are after each."""
    for number, part in enumerate(_parts(records), start=first):
        FORMATS[format](directory / f"part-{number:05d}.{format}", part)
        yield number + 1


def read_parts(directory: Path) -> Records:
    """The records of all parts, in their order."""
    for path in sorted(directory.glob("part-*")):
        for _, record in RECORDS[path.suffix](path):
            if isinstance(record, Mapping):
                yield {str(key): str(value) for key, value in record.items() if value is not None}


def write_jsonl(path: Path, records: Records) -> None:
    """One object a line."""
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            # Lone surrogates, which UTF-8 can't say, stay escaped.
            file.write(json.dumps(record, ensure_ascii=not _is_encodable(record)) + "\n")


def write_parquet(path: Path, records: Records) -> None:
    """Rows with the columns that the first has; there must be one."""
    import pyarrow
    from pyarrow import parquet

    rows = next(batches := _batches(records))
    names = [name for name in COLUMNS if name in rows[0] or name == "split"]
    schema = pyarrow.schema([(name, pyarrow.string()) for name in names])
    with parquet.ParquetWriter(path, schema) as writer:
        while rows:
            writer.write_batch(pyarrow.RecordBatch.from_pylist(rows, schema=schema))
            rows = next(batches, [])


def _parts(records: Records) -> Iterator[Records]:
    """Records of one file after the other; each must be taken whole before the next."""
    for first in records:
        yield _part(first, records)


def _part(first: dict[str, str], records: Records) -> Records:
    yield first
    size = _size(first)
    while size < MAX_BYTES and (record := next(records, None)) is not None:
        size += _size(record)
        yield record


def _batches(records: Records) -> Iterator[list[dict[str, str]]]:
    batch = []
    for record in records:
        batch.append(record)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _size(record: dict[str, str]) -> int:
    return sum(map(len, record.values()))


def _is_encodable(record: dict[str, str]) -> bool:
    try:
        "".join(record.values()).encode()
    except UnicodeEncodeError:
        return False
    return True


FORMATS: Mapping[str, Callable[[Path, Records], None]] = {"jsonl": write_jsonl, "parquet": write_parquet}
