import json

import pyarrow
import pytest
from pyarrow import parquet

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.records import NO_PAIR, csv_records, example, json_records, jsonl_records, parquet_records


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
    rows = [example(record, where) for where, record in jsonl_records(tmp_path / "a.jsonl")]
    assert [row.reason for row in rows if isinstance(row, Rejected)] == [
        "invalid JSON",
        "invalid UTF-8",
        "invalid JSON",
    ]
    assert [row["inputs"] for row in rows if not isinstance(row, Rejected)] == ["ä", "ä"]


def test_parquet_rows_come_in_order(tmp_path):
    rows = [{"source": f"s{i}", "target": f"t{i}"} for i in range(5000)]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    found = [example(record, where) for where, record in parquet_records(tmp_path / "a.parquet")]
    assert found[4999] == {"inputs": "s4999", "targets": "t4999", "where": "a.parquet, row 5000"}


def test_a_broken_parquet_file_is_named_in_one_line(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and rubbish")
    with pytest.raises(SourceError, match="no readable Parquet file") as caught:
        [example(record, where) for where, record in parquet_records(tmp_path / "a.parquet")]
    assert "\n" not in str(caught.value)


def test_columns_that_are_named_are_the_only_ones():
    record = {"inputs": "a", "targets": "b", "question": "q", "answer": "r"}
    assert example(record, "x:1", ("question", "answer")) == {"inputs": "q", "targets": "r", "where": "x:1"}
    missing = Rejected(reason="no columns `question` and `reply`", where="x:1")
    assert example(record, "x:1", ("question", "reply")) == missing


def test_json_is_a_list_or_lines(tmp_path):
    for text in ('[{"a": 1},\n {"a": 2}]', '{"a": 1}\n{"a": 2}\n'):
        (tmp_path / "a.json").write_text(text)
        assert [record for _, record in json_records(tmp_path / "a.json")] == [{"a": 1}, {"a": 2}]
    (tmp_path / "a.json").write_text('[{"a": 1},')
    with pytest.raises(SourceError, match="a.json` is no readable JSON"):
        list(json_records(tmp_path / "a.json"))


def test_tables_have_their_names_in_the_first_line(tmp_path):
    (tmp_path / "a.csv").write_bytes(b'\xef\xbb\xbfid,text\n1,"two, and\nthree"\n\n2\n3,\xff\n4,four\n')
    found = [record for _, record in csv_records(tmp_path / "a.csv")]
    assert [record for record in found if not isinstance(record, Rejected)] == [
        {"id": "1", "text": "two, and\nthree"},
        {"id": "4", "text": "four"},
    ]
    assert [(record.reason, record.where) for record in found if isinstance(record, Rejected)] == [
        ("another number of columns than the first line", "a.csv:5"),
        ("invalid UTF-8", "a.csv:6"),
    ]
    (tmp_path / "a.tsv").write_text("id\ttext\n1\ta, b\n")
    assert [record for _, record in csv_records(tmp_path / "a.tsv")] == [{"id": "1", "text": "a, b"}]
    (tmp_path / "a.csv").write_text(f'id,text\n1,"{"x" * 200_000}\n2,b\n')
    assert [type(record) for _, record in csv_records(tmp_path / "a.csv")][0] is Rejected
