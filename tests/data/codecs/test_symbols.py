from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.contracts import EOS, PAD, START
from lengthwise.data.codecs.codec import load_codec
from lengthwise.data.codecs.symbols import FIRST, DigitPairs, Symbols

SYMBOLS = Symbols("ab0+\n ")
PAIRS = DigitPairs(10, "+", True)


@given(st.text(SYMBOLS.alphabet))
def test_every_text_over_the_alphabet_comes_back(text):
    tokens = SYMBOLS.encode(text)
    assert SYMBOLS.decode(tokens) == text
    assert len(tokens) == len(text) and all(FIRST <= token < SYMBOLS.feature.size for token in tokens)


@pytest.mark.parametrize("codec", [SYMBOLS, PAIRS])
def test_no_token_is_a_special_one(codec):
    assert not {PAD, EOS, START} & set(codec.encode("0+0"))


@pytest.mark.parametrize(("text", "wrong"), [("abc", "'c'"), ("aB", "'B'"), ("a\tb", "'\\\\t'"), ("ä", "'ä'")])
def test_a_symbol_that_is_not_in_the_alphabet_is_named(text, wrong):
    with pytest.raises(ValueError, match=f"but has {wrong}") as caught:
        SYMBOLS.encode(text)
    assert "\n" not in str(caught.value)


def test_decoding_stops_at_the_end_and_drops_specials():
    assert SYMBOLS.decode([START, FIRST, PAD, FIRST + 1, EOS, FIRST]) == "ab"
    assert PAIRS.decode([START, FIRST + 12, PAD, EOS, FIRST]) == "1+2"


@given(st.integers(2, 10), st.booleans(), st.data())
def test_numbers_of_equal_length_come_back_from_pairs(base, is_least_first, data):
    digits = st.lists(st.sampled_from("0123456789"[:base]), min_size=1, max_size=20)
    first = "".join(data.draw(digits))
    second = "".join(data.draw(st.sampled_from("0123456789"[:base])) for _ in first)
    codec = DigitPairs(base, "+", is_least_first)
    tokens = codec.encode(f"{first}+{second}")
    assert codec.decode(tokens) == f"{first}+{second}"
    assert len(tokens) == len(first) and all(FIRST <= token < codec.feature.size for token in tokens)


@pytest.mark.parametrize(("is_least_first", "back"), [(True, "123+900"), (False, "123+009")])
def test_a_missing_digit_is_a_zero_at_the_side_of_high_places(is_least_first, back):
    codec = DigitPairs(10, "+", is_least_first)
    assert codec.decode(codec.encode("123+9")) == back


def test_a_pair_is_both_digits_of_a_place():
    assert PAIRS.encode("12+34") == [FIRST + 13, FIRST + 24]


@pytest.mark.parametrize("text", ["", "12", "12+", "+12", "12-3", "12+3+4", "1a+2", "1+²", "1+३"])
def test_other_than_two_numbers_is_refused(text):
    with pytest.raises(ValueError, match=r"two numbers in base 10 around \+"):
        PAIRS.encode(text)


def test_digits_beyond_the_base_are_refused():
    with pytest.raises(ValueError, match="in base 2"):
        DigitPairs(2, "+").encode("12+01")


@pytest.mark.parametrize("codec", [SYMBOLS, PAIRS, DigitPairs(2, "*", False)])
def test_settings_are_the_whole_vocabulary_and_are_saved(codec, tmp_path: Path):
    assert codec.is_fitted and codec.fit(iter(["anything"])) is codec
    codec.save(tmp_path / "codec.json")
    assert load_codec(tmp_path / "codec.json") == codec


@pytest.mark.parametrize("content", ["", "[]", '{"letters": "ab"}', '{"type": "x"}'])
def test_a_broken_file_is_a_clear_error(tmp_path: Path, content):
    (tmp_path / "codec.json").write_text(content)
    with pytest.raises(ValueError, match="must be a saved Symbols codec"):
        Symbols.load(tmp_path / "codec.json")
