import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.contracts import EOS, PAD, START
from lengthwise.data.codecs.codec import load_codec
from lengthwise.data.codecs.text import SPECIALS, Subwords

TEXTS = [
    "The quick brown fox jumps over the lazy dog, and the dog doesn't care.",
    "Der schnelle braune Fuchs springt über den faulen Hund; den Hund kümmert es nicht.",
    "<pad> <eos> <start> are words of a text here: <eos><eos><eos>",
    "Chapter 10, page 1234: 3.14 — naïve café 😀😀",
] * 3
CODEC = Subwords(400).fit(iter(TEXTS))

LOOK_ALIKES = st.sampled_from(
    [*SPECIALS, "<unk>", " ", "  ", "\n", "\r\n", "\t", "Ġ", "Ċ", "▁", "\0", "\x7f", "\ufeff", "👩‍👩‍👧", "e\u0301"]
)
ANY_TEXT = st.lists(st.text(max_size=8) | LOOK_ALIKES, max_size=8).map("".join)


@given(ANY_TEXT)
@settings(max_examples=500, deadline=None)
def test_every_string_comes_back_exactly(text):
    tokens = CODEC.encode(text)
    assert CODEC.decode(tokens) == text
    assert not {PAD, EOS, START} & set(tokens)


@pytest.mark.parametrize("text", ["", " ", "  a", "a  ", "\n\n", "<eos>", "Ġ", "\U0010ffff", "a\0b", "word " * 5000])
def test_hard_cases_come_back_exactly(text):
    assert CODEC.decode(CODEC.encode(text)) == text


@given(st.lists(ANY_TEXT, max_size=6))
@settings(max_examples=50, deadline=None)
def test_a_batch_is_each_text_alone(texts):
    assert CODEC.encode_batch(texts) == [CODEC.encode(text) for text in texts]


def test_specials_are_the_first_three_ids_and_decode_to_nothing():
    hello = CODEC.encode("the dog")
    assert CODEC.decode([START, PAD, *hello, PAD, EOS, *hello]) == "the dog"
    vocabulary = CODEC._fitted().get_vocab()
    assert [vocabulary[special] for special in SPECIALS] == [PAD, EOS, START]


def test_a_word_is_the_same_at_the_beginning_and_after_a_space():
    assert CODEC.encode("dog dog") == CODEC.encode("dog") * 2


def test_no_token_spans_two_words_or_two_digits():
    codec = Subwords(700).fit(iter(["in the house 2024, in the house 2024 -- (see) in the house"] * 50))
    tokens = [codec.decode([token]) for token in codec.encode("in the house 2024, (see) in the house")]
    assert " ".join("".join(tokens).split()) != ""
    assert [token.strip() for token in tokens] == [*"in the house 2 0 2 4 , ( see ) in the house".split()]


def test_the_order_of_training_texts_and_the_process_do_not_matter(tmp_path: Path):
    CODEC.save(tmp_path / "here.json")
    assert Subwords(400).fit(reversed(TEXTS)) == CODEC
    script = (
        "import json, pathlib, sys; from lengthwise.data.codecs.text import Subwords;"
        "Subwords(400).fit(iter(json.loads(sys.argv[1]))).save(pathlib.Path(sys.argv[2]))"
    )
    subprocess.run([sys.executable, "-c", script, json.dumps(TEXTS), str(tmp_path / "there.json")], check=True)
    assert (tmp_path / "here.json").read_bytes() == (tmp_path / "there.json").read_bytes()


def test_a_saved_codec_encodes_as_before(tmp_path: Path):
    CODEC.save(tmp_path / "codec.json")
    loaded = load_codec(tmp_path / "codec.json")
    assert loaded == CODEC
    assert loaded.encode(TEXTS[2]) == CODEC.encode(TEXTS[2])
    assert loaded.feature.size == CODEC.feature.size <= 400


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"size": 400, "tokenizer": {}}', '{"size": 400', "\x00"])
def test_a_file_that_is_no_codec_is_a_clear_error(tmp_path: Path, content):
    (tmp_path / "codec.json").write_text(content)
    with pytest.raises(ValueError, match="codec.json` must be a saved") as caught:
        Subwords.load(tmp_path / "codec.json")
    assert "\n" not in str(caught.value)


def test_a_lone_surrogate_is_named():
    with pytest.raises(ValueError, match="row 1 holds a lone surrogate"):
        CODEC.encode_batch(["a", "\ud83d"])


def test_a_codec_must_be_fitted_first():
    with pytest.raises(ValueError, match="must be fitted before use"):
        Subwords(400).encode("a")
    assert not Subwords(400).is_fitted


def test_a_size_without_room_for_all_bytes_is_refused():
    with pytest.raises(ValueError, match="`size` must be at least 259 .* but is 258"):
        Subwords(258)
