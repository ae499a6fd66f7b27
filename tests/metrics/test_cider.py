import pytest

from lengthwise.metrics.cider import cider

REFERENCES = ["A red bird on a tree.", "A small house", "the old man and the sea", "two bulls"]


def test_the_references_themselves_have_the_highest_score_for_their_length():
    found = cider(["a red bird on a tree", "nothing", "no such thing", "at all"], REFERENCES, has_interval=False)
    assert found.value == pytest.approx(10 / 4)


def test_rare_words_count_more_than_common_ones():
    common, rare = (cider([text, *REFERENCES[1:]], REFERENCES).value for text in ("a x a", "bird tree red"))
    assert rare > common


def test_words_said_again_are_clipped_and_other_lengths_cost():
    once, often = (cider([text, "x", "x", "x"], REFERENCES).value for text in ("bird", "bird " * 12))
    assert often < once


def test_by_hand():
    """One word of one: tf-idf vectors are equal, so the cosine of single words is 1 and that of longer ones absent."""
    assert cider(["sun", "x"], ["sun", "moon"], has_interval=False).value == pytest.approx((10 / 4 + 0) / 2)


def test_lists_of_different_length_are_refused():
    with pytest.raises(ValueError, match="must be as many"):
        cider(["a"], [])
