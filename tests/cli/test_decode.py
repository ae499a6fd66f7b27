import os
import pty
import subprocess
import sys

import pytest

from lengthwise import load
from lengthwise.cli.decode import _read, command

SHORT = ["beam=1", "max_length=6"]


def decoded(run, texts: list[str]) -> list[str]:
    return load(run).decode(texts, beam=1, max_length=6)


def test_a_file_is_answered_line_by_line_in_order(tiny_run, tmp_path):
    (tmp_path / "in.txt").write_text("old new cold\n\nred\n")
    command(tiny_run, SHORT, str(tmp_path / "in.txt"), tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text().split("\n") == [*decoded(tiny_run, ["old new cold", "", "red"]), ""]


def test_without_an_output_the_answers_are_printed(tiny_run, tmp_path, capsysbinary):
    (tmp_path / "in.txt").write_text("red green\n")
    command(tiny_run, SHORT, str(tmp_path / "in.txt"))
    assert capsysbinary.readouterr().out == (decoded(tiny_run, ["red green"])[0] + "\n").encode()


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"", 0),
        (b"\n", 1),
        (b"red", 1),
        (b"red\r\ngreen\r\n", 2),
        (b"red\rgreen\n", 1),
        (b"\r", 1),
        ("red\u2028green\x0cblue\n".encode(), 1),
        ("🙂 Ещё\n".encode(), 1),
    ],
    ids=repr,
)
def test_there_is_one_answer_for_every_line(tiny_run, tmp_path, data, count):
    (tmp_path / "in.txt").write_bytes(data)
    command(tiny_run, SHORT, str(tmp_path / "in.txt"), tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_bytes().count(b"\n") == count


def test_a_mark_of_byte_order_is_no_text(tmp_path):
    (tmp_path / "in.txt").write_bytes(b"\xef\xbb\xbfred green\r\nold\n")
    assert [line.strip() for line in _read(str(tmp_path / "in.txt"))] == ["red green", "old"]


def test_a_line_that_is_not_utf_8_is_named_and_nothing_is_written(tiny_run, tmp_path):
    (tmp_path / "in.txt").write_bytes(b"red\n\xff\xfe\n")
    with pytest.raises(ValueError, match=r"Line 2 of `.*in.txt` must be UTF-8"):
        command(tiny_run, SHORT, str(tmp_path / "in.txt"), tmp_path / "out.txt")
    assert not (tmp_path / "out.txt").exists()


def test_the_option_and_the_assignment_are_the_same(tiny_run, tmp_path):
    (tmp_path / "in.txt").write_text("old new cold\n")
    for name, words, beam in [("a", ["decode.beam=3"], None), ("b", ["beam=3"], None), ("c", ["beam=1"], 3)]:
        command(tiny_run, words, str(tmp_path / "in.txt"), tmp_path / name, beam)
    expected = load(tiny_run).decode(["old new cold"], beam=3)[0] + "\n"
    assert {(tmp_path / name).read_text() for name in "abc"} == {expected}


@pytest.mark.parametrize(
    ("words", "beam", "message"),
    [
        ([], 0, "`decode.beam` must be at least 1, but is 0"),
        (["decode.beam=many"], None, "`beam` must be a whole number"),
        (["beem=4"], None, "Did you mean `beam`"),
        (["in.txt"], None, "`in.txt` must be `path=value`"),
    ],
)
def test_a_wrong_setting_is_said_before_anything_is_read(tiny_run, words, beam, message):
    with pytest.raises(ValueError, match=message):
        command(tiny_run, words, "missing.txt", None, beam)


def test_a_missing_input_and_a_missing_folder_are_said(tiny_run, tmp_path):
    with pytest.raises(FileNotFoundError):
        command(tiny_run, [], str(tmp_path / "missing.txt"))
    with pytest.raises(ValueError, match="`--output .*folder that exists"):
        command(tiny_run, [], "-", tmp_path / "missing" / "out.txt")


def test_a_terminal_is_a_conversation(tiny_run):
    main, terminal = pty.openpty()
    os.write(main, b"red green\n\nold\n\x04")
    words = [sys.executable, "-m", "lengthwise", "decode", str(tiny_run), *SHORT]
    done = subprocess.run(words, stdin=terminal, capture_output=True, text=True, timeout=120)
    os.close(terminal)
    os.close(main)
    answers = [line.removeprefix("> ") for line in done.stdout.splitlines()]
    assert answers[:3] == decoded(tiny_run, ["red green", "", "old"])
    assert (done.returncode, "Ctrl-D" in done.stderr) == (0, True)


def test_a_language_model_goes_on_with_each_line(language_run, tmp_path, capsysbinary):
    (tmp_path / "in.txt").write_text("the number 7\nthe\n")
    command(language_run, ["method=greedy", "max_length=12"], str(tmp_path / "in.txt"))
    texts = capsysbinary.readouterr().out.decode().split("\n\n")
    assert texts[0].startswith("the number 7") and texts[1].startswith("the")
