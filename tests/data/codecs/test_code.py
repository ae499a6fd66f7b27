import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.data.codecs.code import MIDDLE, PREFIX, SUFFIX, CodeSubwords, gap
from lengthwise.data.codecs.codec import load_codec
from lengthwise.data.codecs.text import Subwords

PROGRAM = '''
class Stack:
    """A list that is read from its end."""

    def __init__(self, items=()):
        self.items = list(items)

    def push(self, item):
        if item is not None:
            self.items.append(item)
        return self

    def size_of(self):
        return len(self.items) + 1024
'''
CODEC = CodeSubwords(460).fit(iter([PROGRAM] * 20))
PARTS = st.sampled_from([PREFIX, SUFFIX, MIDDLE, "\n", "    ", "\t", "self.items", "<eos>", "Ġ", "\r\n"])


def pieces(text: str) -> list[str]:
    return [CODEC.decode([token]) for token in CODEC.encode(text)]


@given(st.lists(st.text(max_size=8) | PARTS, max_size=8).map("".join))
@settings(max_examples=500, deadline=None)
def test_every_string_comes_back_exactly(text):
    assert CODEC.decode(CODEC.encode(text)) == text


@pytest.mark.parametrize("depth", [4, 8])
def test_an_indentation_is_one_token_and_its_last_blank_the_words(depth):
    (line,) = (each for each in PROGRAM.split("\n") if each.startswith(" " * depth) and "return self" in each) or [""]
    assert pieces(line)[0].strip() == "" and len(pieces(line)[0]) == len(line) - len(line.lstrip()) - 1


def test_a_lines_end_ends_a_token():
    for cut in [place for place, sign in enumerate(PROGRAM) if sign == "\n" and PROGRAM[place + 1 : place + 2] != "\n"]:
        head, rest = PROGRAM[: cut + 1], PROGRAM[cut + 1 :]
        assert CODEC.encode(head) + CODEC.encode(rest) == CODEC.encode(PROGRAM)


def test_names_take_the_sign_before_them():
    assert {".append", "(item", " return", ".items"} <= set(pieces(PROGRAM))
    assert pieces("1024") == ["1", "0", "2", "4"]


def test_the_marks_of_a_gap_are_tokens_of_their_own_behind_the_specials():
    assert [CODEC.encode(mark) for mark in (PREFIX, SUFFIX, MIDDLE)] == [[3], [4], [5]]
    found = CODEC.encode(gap("def", " x", "(self)"))
    assert found == [3, *CODEC.encode("def"), 4, *CODEC.encode(" x"), 5, *CODEC.encode("(self)")]
    backwards = gap("def", " x", "(self)", is_suffix_first=True)
    assert CODEC.encode(backwards) == [3, 4, *CODEC.encode(" x"), 5, *CODEC.encode("def(self)")]


def test_it_is_read_as_it_was_saved(tmp_path):
    CODEC.save(tmp_path / "codec.json")
    found = load_codec(tmp_path / "codec.json")
    assert found == CODEC and isinstance(found, CodeSubwords) and found != Subwords(460)
    assert found.encode(gap(PROGRAM, "x")) == CODEC.encode(gap(PROGRAM, "x"))


def test_a_vocabulary_too_small_for_the_bytes_is_refused():
    with pytest.raises(ValueError, match="at least 262"):
        CodeSubwords(261)
