import json

import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.text.files import TextFiles


def rows(*paths, ending=""):
    source = TextFiles(tuple(map(str, paths)), ending)
    source.fetch()
    found = list(source.read())
    return [row for row in found if not isinstance(row, Rejected)], [row for row in found if isinstance(row, Rejected)]


def test_one_file_is_divided_by_place_and_loses_nothing(tmp_path):
    text = "".join(f"line {number}\n" for number in range(1000))
    (tmp_path / "a.txt").write_text(text)
    found, _ = rows(tmp_path / "a.txt")
    assert [row["split"] for row in found] == ["train", "validation", "test"]
    assert "".join(str(row["targets"]) for row in found) == text
    assert len(str(found[0]["targets"])) == pytest.approx(0.9 * len(text), rel=0.01)


def test_the_files_of_a_folder_are_documents(tmp_path):
    for number in range(25):
        (tmp_path / f"{number:02d}.md").write_text(f"text {number}")
    (tmp_path / "other.bin").write_bytes(b"\xff")
    found, _ = rows(tmp_path, ending=".md")
    assert [row["document"] for row in found] == [f"{number:02d}.md" for number in range(25)]
    assert all(row["split"] is None for row in found)


def test_records_have_a_text_and_may_name_document_and_split(tmp_path):
    records = [{"text": "a", "document": "x", "split": "test"}, {"text": "b"}, {"body": "c"}, {"text": 3}]
    (tmp_path / "a.jsonl").write_text("\n".join([*map(json.dumps, records), "{"]))
    found, rejected = rows(tmp_path / "a.jsonl")
    assert found[0] == {"targets": "a", "document": "x", "split": "test", "where": "x"}
    assert found[1]["document"] == "a.jsonl:2" and found[1]["split"] is None
    assert [row.reason for row in rejected] == [*["no column `text`"] * 2, "invalid JSON"]


def test_what_is_no_text_and_what_lies_elsewhere_is_named(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "bad.txt").write_bytes(b"\xff\xfe\xfa")
    (folder / "good.txt").write_text("good\n" * 100)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / ".hidden.txt").write_text("hidden")
    _, rejected = rows(folder)
    assert {(row.where, row.reason) for row in rejected} == {
        ("bad.txt", "invalid UTF-8"),
        ("link.txt", "a link out of the folder"),
    }


@pytest.mark.parametrize("kind", ["missing", "empty file", "empty folder", "no such ending"])
def test_what_cannot_be_text_is_one_line(tmp_path, kind):
    (tmp_path / "empty.txt").touch()
    (tmp_path / "folder").mkdir()
    path = {"missing": "missing", "empty file": "empty.txt", "empty folder": "folder", "no such ending": "."}[kind]
    with pytest.raises(SourceError, match="does not exist|is empty|must hold files") as error:
        rows(tmp_path / path, ending=".md" if kind == "no such ending" else "")
    assert len(str(error.value).splitlines()) == 1


def test_a_file_that_vanishes_is_named(tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("text\n" * 50)
    source = TextFiles((str(tmp_path),))
    found = source.read()
    next(found)
    (tmp_path / "b.txt").unlink()
    assert [row.reason for row in found if isinstance(row, Rejected)] == ["can't be read"]
