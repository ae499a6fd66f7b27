import json
from pathlib import Path

import pytest

from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.speech.folder import SpeechFolder


def rows_of(path: Path):
    source = SpeechFolder(str(path))
    source.fetch()
    rows = list(source.read())
    rejected = {(row.where, row.reason) for row in rows if isinstance(row, Rejected)}
    return [row for row in rows if not isinstance(row, Rejected)], rejected


def put(folder: Path, **files: str | bytes) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_a_sound_and_the_text_of_its_name_are_a_row(tmp_path: Path):
    put(tmp_path, a_wav="1", a_txt="\ufeffWhat is  said,\nas it is.\n", b_FLAC="2", b_txt="Yes!", note_md="no sound")
    rows, rejected = rows_of(tmp_path)
    assert rows == [
        {
            "inputs": Blob(str(tmp_path / "a.wav")),
            "targets": "What is said, as it is.",
            "where": "a.wav",
            "document": None,
        },
        {"inputs": Blob(str(tmp_path / "b.FLAC")), "targets": "Yes!", "where": "b.FLAC", "document": None},
    ]
    assert not rejected
    checksums = SpeechFolder(str(tmp_path)).checksums()
    assert {Path(name).name for name in checksums} == {"a.wav", "a.txt", "b.FLAC", "b.txt"}


def test_what_has_no_other_half_is_named(tmp_path: Path):
    put(
        tmp_path,
        a_wav="1",
        b_txt="text",
        c_wav="3",
        c_txt=" \n",
        d_wav="4",
        d_txt=b"\xff",
        e_wav="5",
        e_mp3="6",
        e_txt="e",
    )
    put(tmp_path, f_wav="7", f_txt="x" * 100_001)
    rows, rejected = rows_of(tmp_path)
    assert [row["where"] for row in rows] == ["e.mp3"]
    assert rejected == {
        ("a.wav", "sound without transcript"),
        ("b.txt", "transcript without sound"),
        ("c.wav", "sound without transcript"),
        ("d.wav", "invalid UTF-8"),
        ("e.wav", "another sound of the same name"),
        ("f.wav", "transcript over 100 kB"),
    }


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path):
    put(tmp_path, secret_wav="1", secret_txt="secret")
    put(tmp_path / "folder", a_wav="1", a_txt="a")
    (tmp_path / "folder" / "b.wav").symlink_to(tmp_path / "secret.wav")
    _, rejected = rows_of(tmp_path / "folder")
    assert rejected == {("b.wav", "a link out of the folder")}


@pytest.mark.parametrize(("num_folders", "documents"), [(2, {None}), (3, {"speaker0", "speaker1", "speaker2"})])
def test_folders_are_documents_where_they_are_enough_to_be_divided(tmp_path: Path, num_folders, documents):
    for number in range(num_folders):
        put(tmp_path / f"speaker{number}", a_wav="1", a_txt="same name", b_wav="2", b_txt="other")
    rows, rejected = rows_of(tmp_path)
    assert len(rows) == 2 * num_folders and not rejected
    assert {row["document"] for row in rows} == documents


def test_a_file_that_vanishes_is_named(tmp_path: Path):
    for name in "abc":
        put(tmp_path, **{f"{name}_wav": "1", f"{name}_txt": "text"})
    found = SpeechFolder(str(tmp_path)).read()
    next(found)
    (tmp_path / "b.txt").unlink()
    rest = list(found)
    assert [(row.where, row.reason) for row in rest if isinstance(row, Rejected)] == [("b.wav", "can't be read")]
    assert len(rest) == 2


TABLES = {
    "plain.tsv": "a.wav\tOne two.\nsub/b.wav\tThree.\nlost.wav\tx\na.wav\nsub\ty\n\n" + "n" * 5000 + ".wav\tz\n",
    "named.tsv": "document\ttranscript\tpath\ts\n"
    "d1\tOne two.\ta.wav\n\tThree.\tsub/b.wav\nd1\tx\tlost.wav\nd\t \ta.wav\n",
}


def test_a_table_names_sounds_and_transcripts(tmp_path: Path):
    put(tmp_path, a_wav="1", sub__b_wav="2")
    (tmp_path / "t.tsv").write_text(TABLES["plain.tsv"])
    rows, rejected = rows_of(tmp_path / "t.tsv")
    assert [(Path(str(row["inputs"])).name, row["targets"]) for row in rows] == [
        ("a.wav", "One two."),
        ("b.wav", "Three."),
    ]
    reasons = {where.partition(",")[0]: reason for where, reason in rejected}
    assert reasons == {
        "t.tsv:3": "transcript without sound",
        "t.tsv:4": "no columns `path` and `transcript`",
        "t.tsv:5": "transcript without sound",
        "t.tsv:6": "no columns `path` and `transcript`",
        "t.tsv:7": "transcript without sound",
    }
    checksums = SpeechFolder(str(tmp_path / "t.tsv")).checksums()
    assert {Path(name).name for name in checksums} == {"a.wav", "b.wav", "t.tsv"}


def test_the_first_line_of_a_table_may_name_its_columns(tmp_path: Path):
    put(tmp_path, a_wav="1", sub__b_wav="2")
    (tmp_path / "t.tsv").write_text(TABLES["named.tsv"])
    rows, rejected = rows_of(tmp_path / "t.tsv")
    assert [(row["targets"], row.get("document")) for row in rows] == [("One two.", "d1"), ("Three.", None)]
    assert {reason for _, reason in rejected} == {"transcript without sound", "sound without transcript"}


def test_json_lines_may_name_document_and_split(tmp_path: Path):
    put(tmp_path, a_wav="1")
    records = [
        {"path": "a.wav", "transcript": "One.", "document": "d", "split": "test"},
        {"path": str(tmp_path / "a.wav"), "transcript": "Two."},
        {"path": "a.wav"},
        {"path": 3, "transcript": "x"},
        {"path": "", "transcript": "x"},
        [],
    ]
    (tmp_path / "t.jsonl").write_text("\n".join([*map(json.dumps, records), "{"]))
    rows, rejected = rows_of(tmp_path / "t.jsonl")
    assert [(row["targets"], row.get("document"), row.get("split")) for row in rows] == [
        ("One.", "d", "test"),
        ("Two.", None, None),
    ]
    assert sorted(reason for _, reason in rejected) == [
        "invalid JSON",
        *["no columns `path` and `transcript`"] * 3,
        "transcript without sound",
    ]


@pytest.mark.parametrize("name", ["missing", "empty.tsv", "folder", "a.csv"])
def test_what_cannot_be_read_at_all_is_one_line(tmp_path: Path, name):
    (tmp_path / "empty.tsv").touch()
    put(tmp_path, a_csv="x", folder__a_txt="a text alone")
    with pytest.raises(SourceError, match="does not exist|is empty|must hold files|end in") as error:
        SpeechFolder(str(tmp_path / name)).fetch()
    assert len(str(error.value).splitlines()) == 1
