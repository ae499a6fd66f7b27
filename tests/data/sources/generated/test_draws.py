import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.sources.generated.draws import LETTERS, letters, over, random_symbols, sequences

SEEDS = st.integers(0, 2**32)


def test_random_symbols_are_all_of_the_alphabet_and_about_as_frequent():
    text = random_symbols(6000, "abc", np.random.default_rng(0))
    assert len(text) == 6000 and all(1800 < text.count(letter) < 2200 for letter in "abc")


@given(st.integers(0, 60), st.integers(2, 26), SEEDS)
def test_every_kind_of_sequence_has_the_size_and_the_alphabet_asked_for(length, num_symbols, seed):
    alphabet = LETTERS[:num_symbols]
    for draw in sequences(alphabet, lambda length: length // 2).values():
        text = draw(length, np.random.default_rng(seed))
        assert len(text) == length // 2 and set(text) <= set(alphabet)


@given(st.integers(2, 60), SEEDS)
def test_sequences_are_what_their_kind_says(length, seed):
    drawn = {kind: draw(length, np.random.default_rng(seed)) for kind, draw in sequences("abcd").items()}
    assert set(drawn) == {"random", "equal", "alternating", "palindrome", "zeros"}
    assert len(set(drawn["equal"])) == 1 and set(drawn["zeros"]) == {"a"}
    assert drawn["palindrome"] == drawn["palindrome"][::-1]
    assert len(set(drawn["alternating"][::2])) == len(set(drawn["alternating"][1::2])) == 1
    assert drawn["alternating"][0] != drawn["alternating"][1]


@pytest.mark.parametrize("count", [0, 1, 27])
def test_symbols_must_be_enough_to_differ_and_letters(count):
    with pytest.raises(ValueError, match="must be from 2 to 26, but is"):
        letters(count)


@pytest.mark.parametrize("text", ["", "abz", "A"])
def test_answers_are_given_to_texts_over_the_alphabet_alone(text):
    with pytest.raises(ValueError, match="must be one or more of the symbols abc"):
        over("abc", str.upper)(text)
    assert over("abc", str.upper)("cab") == "CAB"
