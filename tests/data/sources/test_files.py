import hashlib
import json
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.files import PairFiles, paths_of

PAIRS = [("Hello world.", "Hallo Welt."), ("Good night 🌙", "Gute Nacht 🌙")]


def write_tsv(directory: Path) -> tuple[str, ...]:
    (directory / "p.tsv").write_text("".join(f"{source}\t{target}\tremark\n" for source, target in PAIRS))
    return (str(directory / "p.tsv"),)


def write_jsonl(directory: Path) -> tuple[str, ...]:
    lines = [json.dumps({"translation": {"en": source, "de": target}}) for source, target in PAIRS]
    (directory / "p.jsonl").write_text("\n".join(lines))
    return (str(directory / "p.jsonl"),)


def write_parquet(directory: Path) -> tuple[str, ...]:
    rows = [{"inputs": source, "targets": target} for source, target in PAIRS]
    parquet.write_table(pyarrow.Table.from_pylist(rows), directory / "p.parquet")
    return (str(directory / "p.parquet"),)


def write_parallel(directory: Path) -> tuple[str, ...]:
    for side, name in enumerate(("p.en", "p.de")):
        (directory / name).write_text("".join(f"{pair[side]}\n" for pair in PAIRS))
    return str(directory / "p.en"), str(directory / "p.de")


@pytest.mark.parametrize("write", [write_tsv, write_jsonl, write_parquet, write_parallel])
def test_every_form_gives_the_same_pairs(tmp_path, write):
    source = PairFiles(write(tmp_path))
    source.fetch()
    rows = [row for row in source.read() if not isinstance(row, Rejected)]
    assert [(row["inputs"], row["targets"]) for row in rows] == PAIRS
    assert all("document" not in row for row in rows)
    content = Path(source.paths[0]).read_bytes()
    assert source.checksums()[source.paths[0]] == hashlib.sha256(content).hexdigest()


def test_a_source_is_one_path_two_with_a_comma_or_a_list(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert paths_of("pairs.tsv") == ("pairs.tsv",)
    assert paths_of("a.en, b.de") == paths_of(["a.en", "b.de"]) == ("a.en", "b.de")
    (tmp_path / "with,comma.tsv").touch()
    assert paths_of("with,comma.tsv") == ("with,comma.tsv",)


def write(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


def test_bad_rows_are_rejected_where_they_stand_and_the_others_read(tmp_path):
    content = b"a\tb\n\xff\xfe\tc\n" + b"x" * 2_000_000 + b"\ty\nalone\nc\td\n"
    rows = list(PairFiles((write(tmp_path / "p.tsv", content),)).read())
    assert [(row.reason, row.where) for row in rows if isinstance(row, Rejected)] == [
        ("invalid UTF-8", "p.tsv:2"),
        ("a line over 1 MB", "p.tsv:3"),
        ("only one column", "p.tsv:4"),
    ]
    assert [row["inputs"] for row in rows if not isinstance(row, Rejected)] == ["a", "c"]


def test_a_bad_line_of_two_files_takes_its_partner_with_it(tmp_path):
    paths = write(tmp_path / "p.en", b"a\n\xff\nc\n"), write(tmp_path / "p.de", b"A\nB\nC\n")
    first, second, third = PairFiles(paths).read()
    assert second == Rejected(reason="invalid UTF-8", where="p.en:2")
    assert not isinstance(first, Rejected) and not isinstance(third, Rejected) and third["targets"] == "C"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.tsv", b"", r"p\.tsv` is empty"),
        ("p.tsv", b"one column\n", r"p\.tsv:1: only one column\. Each line must be: inputs, a tab, targets"),
        ("p.jsonl", b'{"text": "a"}\n', r"p\.jsonl:1: no pair of inputs/targets"),
        ("p.doc", b"text", r"p\.doc` must end in \.tsv, \.jsonl, \.parquet, \.json, \.csv\. Or give two files"),
        ("p.parquet", b"rubbish", "no readable Parquet file"),
    ],
)
def test_a_file_that_cannot_be_pairs_is_answered_in_one_line(tmp_path, name, content, message):
    with pytest.raises(SourceError, match=message) as caught:
        PairFiles((write(tmp_path / name, content),)).fetch()
    assert "\n" not in str(caught.value)


def test_a_missing_file_a_directory_and_three_files_are_refused(tmp_path):
    with pytest.raises(SourceError, match="does not exist. Check the path"):
        PairFiles((str(tmp_path / "no.tsv"),)).fetch()
    with pytest.raises(SourceError, match="must be a file, but is a directory"):
        PairFiles((str(tmp_path),)).fetch()
    with pytest.raises(SourceError, match="one file or two parallel ones"):
        PairFiles(("a", "b", "c"))


def test_unequal_line_counts_are_named(tmp_path):
    paths = write(tmp_path / "p.en", b"a\nb\n"), write(tmp_path / "p.de", b"A\nB\nC")
    with pytest.raises(SourceError, match=r"p\.en` has 2 lines, but `.*p\.de` has 3\. Line n of both"):
        PairFiles(paths).fetch()
