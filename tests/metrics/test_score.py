import pytest

from lengthwise.metrics.score import Score, check_pairs


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (Score("BLEU", 23.456), "BLEU 23.46"),
        (Score("BLEU", 23.456, "tok:13a", 22.04, 24.96), "BLEU 23.46 [22.0, 25.0] (tok:13a)"),
    ],
)
def test_a_score_prints_with_what_it_needs_to_be_compared(score, text):
    assert str(score) == text


def test_lists_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="`hypotheses` must be as many as `references`, but are 1 for 2"):
        check_pairs(["a"], ["a", "b"])


def test_empty_lists_are_refused():
    with pytest.raises(ValueError, match="must have at least one row, but is empty"):
        check_pairs([], [])
