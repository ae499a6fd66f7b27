import json

import pytest
from pyarrow import parquet

from lengthwise.data.curation import writing
from lengthwise.data.curation.writing import FORMATS

RECORDS = [{"text": f"text {number} ä", "document": f"d{number // 2}"} for number in range(7)]


def read(path):
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = parquet.read_table(path).to_pylist()
    return [{key: value for key, value in row.items() if value is not None} for row in rows]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("rows_at_once", [2, 3, 100])
def test_records_are_cut_into_files_and_read_back(tmp_path, monkeypatch, format, rows_at_once):
    monkeypatch.setattr(writing, "MAX_BYTES", 30)
    monkeypatch.setattr(writing, "ROWS_AT_ONCE", rows_at_once)
    FORMATS[format](tmp_path, iter(RECORDS))
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == [f"part-0000{number}.{format}" for number in range(3)]
    assert [row for path in files for row in read(path)] == RECORDS


def test_a_lone_surrogate_is_written_escaped(tmp_path):
    FORMATS["jsonl"](tmp_path, iter([{"text": "ä \ud800"}]))
    assert read(tmp_path / "part-00000.jsonl") == [{"text": "ä \ud800"}]
