import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.contracts import EOS, PAD, START
from lengthwise.data.codecs.bytes import Bytes
from lengthwise.data.codecs.codec import load_codec


@given(st.text(st.characters(codec="utf-8")))
def test_every_text_comes_back(text):
    assert Bytes().decode(Bytes().encode(text)) == text


def test_a_token_is_a_byte():
    assert len(Bytes().encode("naïve")) == 6
    assert max(Bytes().encode("\x00ÿ")) < Bytes().feature.size == 259


@pytest.mark.parametrize("tokens", [[START, 68, PAD, EOS, 69], [68]])
def test_what_is_no_byte_is_dropped_and_eos_ends(tokens):
    assert Bytes().decode(tokens) == "A"


def test_broken_utf8_is_shown_as_such():
    assert Bytes().decode([3 + 0xC3]) == "�"


def test_it_is_found_again(tmp_path):
    Bytes().save(tmp_path / "codec.json")
    assert load_codec(tmp_path / "codec.json") == Bytes()
