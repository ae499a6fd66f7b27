import pytest
from pyarrow import parquet

from lengthwise.data.curation import writing
from lengthwise.data.curation.writing import FORMATS, read_parts, write_jsonl, write_parquet, write_parts

RECORDS = [{"text": f"text {number} ä", "document": f"d{number // 2}"} for number in range(7)]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("rows_at_once", [2, 3, 100])
def test_records_are_cut_into_files_and_read_back(tmp_path, monkeypatch, format, rows_at_once):
    monkeypatch.setattr(writing, "MAX_BYTES", 30)
    monkeypatch.setattr(writing, "ROWS_AT_ONCE", rows_at_once)
    assert list(write_parts(tmp_path, format, iter(RECORDS))) == [1, 2, 3]
    assert [path.name for path in sorted(tmp_path.iterdir())] == [f"part-0000{n}.{format}" for n in range(3)]
    assert list(read_parts(tmp_path)) == RECORDS
    assert list(write_parts(tmp_path, format, iter([{"text": "more"}]), first=3)) == [4]
    assert list(read_parts(tmp_path)) == [*RECORDS, {"text": "more"}]


def test_a_file_is_whole_before_the_next_record_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "MAX_BYTES", 30)
    records = iter(RECORDS)
    next(write_parts(tmp_path, "jsonl", records))
    assert list(read_parts(tmp_path)) + list(records) == RECORDS


def test_files_are_lines_of_json_and_tables(tmp_path):
    write_jsonl(tmp_path / "a.jsonl", iter([{"text": "ä \ud800"}, {"text": "ä"}]))
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8") == '{"text": "\\u00e4 \\ud800"}\n{"text": "ä"}\n'
    write_parquet(tmp_path / "a.parquet", iter([{"text": "ä"}, {"text": "b", "split": "test"}]))
    assert parquet.read_table(tmp_path / "a.parquet").to_pylist() == [
        {"text": "ä", "split": None},
        {"text": "b", "split": "test"},
    ]
