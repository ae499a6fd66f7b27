import json

import pyarrow
import pytest
from pyarrow import parquet

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.records import NO_PAIR, example, jsonl_rows, parquet_rows


@pytest.mark.parametrize(
    "record",
    [
        {"inputs": "a", "targets": "b", "id": 7},
        {"source": "a", "target": "b"},
        {"translation": {"en": "a", "de": "b"}},
    ],
)
def test_a_pair_is_found_under_its_usual_names(record):
    assert example(record, "x:1") == {"inputs": "a", "targets": "b", "where": "x:1"}


def test_a_document_and_a_split_are_kept():
    record = {"inputs": "a", "targets": "b", "document": "d", "split": "test"}
    assert example(record, "x:1") == {**record, "where": "x:1"}


@pytest.mark.parametrize(
    "record", [None, 3, [], {}, {"inputs": "a"}, {"translation": "a"}, {"translation": {"en": "a"}}]
)
def test_anything_else_is_rejected(record):
    assert example(record, "x:1") == Rejected(reason=NO_PAIR, where="x:1")


def test_broken_json_lines_are_named_and_the_others_read(tmp_path):
    good = json.dumps({"inputs": "ä", "targets": "b"}).encode()
    (tmp_path / "a.jsonl").write_bytes(good + b"\n{broken\n\xff\n" + b"[" * 100_000 + b"\n" + good)
    rows = list(jsonl_rows(tmp_path / "a.jsonl"))
    assert [row.reason for row in rows if isinstance(row, Rejected)] == [
        "invalid JSON",
        "invalid UTF-8",
        "invalid JSON",
    ]
    assert [row["inputs"] for row in rows if not isinstance(row, Rejected)] == ["ä", "ä"]


def test_parquet_rows_come_in_order(tmp_path):
    rows = [{"source": f"s{i}", "target": f"t{i}"} for i in range(5000)]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    found = list(parquet_rows(tmp_path / "a.parquet"))
    assert found[4999] == {"inputs": "s4999", "targets": "t4999", "where": "a.parquet, row 5000"}


def test_a_broken_parquet_file_is_named_in_one_line(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and rubbish")
    with pytest.raises(SourceError, match="no readable Parquet file") as caught:
        list(parquet_rows(tmp_path / "a.parquet"))
    assert "\n" not in str(caught.value)
