import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.beside import Pair, text_lines, with_texts
from lengthwise.data.sources.cache import SourceError


def test_files_and_texts_of_one_name_belong_together(tmp_path):
    for name in ("a.png", "a.txt", "more/b.PNG", "c.txt", "a.ogg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert list(with_texts(tmp_path, (".png",))) == [
        Pair("a", tmp_path / "a.png", tmp_path / "a.txt"),
        Pair("c", None, tmp_path / "c.txt"),
        Pair("more/b", tmp_path / "more/b.PNG", None),
    ]


def test_two_of_a_name_and_links_out_are_named(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("x.png", "in/a.png", "in/a.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "in" / "l.png").symlink_to(tmp_path / "x.png")
    found = [each for each in with_texts(tmp_path / "in", (".png", ".jpg")) if isinstance(each, Rejected)]
    assert [(each.reason, each.where) for each in found] == [
        ("another file of the same name", "a.png"),
        ("a link out of the folder", "l.png"),
    ]
    with pytest.raises(SourceError, match="must hold files"):
        list(with_texts(tmp_path / "in", (".wav",)))


def test_lines_are_tidy(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf A  bull.\r\n\n\tTwo. \n")
    assert text_lines(tmp_path / "a.txt", "a") == ["A bull.", "Two."]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b" \n", "empty text"), (b"\xff", "invalid UTF-8"), (b"a" * 100_001, "text over 100 kB"), (None, "can't be read")],
)
def test_a_bad_text_has_its_reason(tmp_path, content, reason):
    if content is not None:
        (tmp_path / "a.txt").write_bytes(content)
    assert text_lines(tmp_path / "a.txt", "a") == Rejected(reason=reason, where="a")
