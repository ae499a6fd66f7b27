from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.contracts import EOS, PAD, START
from lengthwise.data.codecs.codec import load_codec
from lengthwise.data.codecs.words import FIRST, Words

CODEC = Words(("walk", "run", "I_WALK", "zwölf", "."))


@given(st.lists(st.sampled_from(CODEC.words)))
def test_every_text_of_known_words_comes_back(words):
    tokens = CODEC.encode(" ".join(words))
    assert CODEC.decode(tokens) == " ".join(words)
    assert len(tokens) == len(words) and not {PAD, EOS, START} & set(tokens)


def test_ids_follow_the_order_of_the_words_behind_the_specials():
    assert CODEC.encode("walk . run") == [FIRST, FIRST + 4, FIRST + 1]
    assert CODEC.feature.size == FIRST + 5


def test_any_white_space_parts_words():
    assert CODEC.encode("  walk\n\trun ") == CODEC.encode("walk run")


def test_decoding_stops_at_the_end_and_drops_what_is_no_word():
    assert CODEC.decode([START, FIRST, PAD, FIRST + 1, EOS, FIRST]) == "walk run"


def test_an_unknown_word_is_named():
    with pytest.raises(ValueError, match=r"the 5 words of the vocabulary, but has 'jump' in 'walk and jump'") as caught:
        Words((*CODEC.words[:4], "and")).encode("walk and jump")
    assert "\n" not in str(caught.value)


def test_case_tells_two_words_apart():
    with pytest.raises(ValueError, match="'Walk'"):
        CODEC.encode("Walk")


def test_fitting_learns_every_word_once_whatever_the_order():
    fitted = Words().fit(iter(["b a", "c b"]))
    assert fitted.words == ("a", "b", "c") == Words().fit(iter(["c", "b b", "a"])).words
    assert fitted.is_fitted and not Words().is_fitted


def test_given_words_are_not_learned_over():
    assert CODEC.fit(iter(["something else"])) is CODEC


def test_an_unfitted_codec_says_so():
    with pytest.raises(ValueError, match="must be fitted before use"):
        Words().encode("walk")


@pytest.mark.parametrize(
    ("words", "found"), [(("a", "b", "a"), "twice"), (("a", "b c"), "'b c'"), (("",), "''"), (("a ",), "'a '")]
)
def test_words_are_different_and_without_white_space(words, found):
    with pytest.raises(ValueError, match=f"`words` must be different .*{found}"):
        Words(words)


def test_a_saved_codec_encodes_as_before(tmp_path: Path):
    CODEC.save(tmp_path / "codec.json")
    assert load_codec(tmp_path / "codec.json") == CODEC


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"words": 3}', '{"words": ["a", "a"]}'])
def test_a_broken_file_is_a_clear_error(tmp_path: Path, content):
    (tmp_path / "codec.json").write_text(content)
    with pytest.raises(ValueError, match="must be a saved Words codec"):
        Words.load(tmp_path / "codec.json")
