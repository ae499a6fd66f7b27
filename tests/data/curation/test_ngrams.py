import pytest

from lengthwise.data.curation.ngrams import ngrams_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The End, the END.", ["the", "end", "the", "end"]),
        ("x_1 = 3.5", ["x_1", "3", "5"]),
        ("Straße naïve", ["strasse", "naïve"]),
        ("東京 Tokyo", ["東", "京", "tokyo"]),
        ("…!", []),
        ("", []),
    ],
)
def test_words_have_no_case_and_no_signs(text, words):
    assert words_of(text) == words


def test_ngrams_are_one_for_each_place():
    assert ngrams_of(["a", "b", "a", "b"], 2) == ["a b", "b a", "a b"]
    assert ngrams_of(["a"], 2) == []
