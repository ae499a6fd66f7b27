from pathlib import Path

import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.lines import MAX_LINE, count_lines, lines


def read(path: Path, content: bytes) -> list[tuple[str, str | Rejected]]:
    path.write_bytes(content)
    return list(lines(path))


def test_lines_come_without_their_ends_and_with_their_places(tmp_path):
    rows = read(tmp_path / "a.txt", b"\xef\xbb\xbfone\r\ntwo\n\nlast")
    assert rows == [("a.txt:1", "one"), ("a.txt:2", "two"), ("a.txt:3", ""), ("a.txt:4", "last")]


def test_only_a_newline_ends_a_line(tmp_path):
    assert [text for _, text in read(tmp_path / "a.txt", "a\u2028b\x0bc\x85\n".encode())] == ["a\u2028b\x0bc\x85"]


def test_a_broken_row_is_named_and_the_next_one_read(tmp_path):
    rows = read(tmp_path / "a.txt", b"\xff\xfe\nnext\n")
    assert rows == [("a.txt:1", Rejected(reason="invalid UTF-8", where="a.txt:1")), ("a.txt:2", "next")]


@pytest.mark.parametrize("extra", [1, 2, 3, 5_000_000])
def test_a_line_over_a_megabyte_is_skipped_to_its_end(tmp_path, extra):
    rows = read(tmp_path / "a.txt", b"x" * (MAX_LINE + extra) + b"\nnext\n")
    assert rows == [("a.txt:1", Rejected(reason="a line over 1 MB", where="a.txt:1")), ("a.txt:2", "next")]


def test_a_line_of_just_a_megabyte_is_read(tmp_path):
    assert [len(str(text)) for _, text in read(tmp_path / "a.txt", b"x" * MAX_LINE + b"\r\ny")] == [MAX_LINE, 1]


@pytest.mark.parametrize("content", [b"", b"\n", b"a", b"a\n", b"a\nb", b"a\n\n", b"x" * 3_000_000 + b"\ny"])
def test_lines_are_counted_as_they_are_read(tmp_path, content):
    assert len(read(tmp_path / "a.txt", content)) == count_lines(tmp_path / "a.txt")
