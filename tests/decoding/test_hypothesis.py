"""What a search answers with."""

from lengthwise.decoding.hypothesis import Hypothesis


def test_a_hypothesis_is_its_tokens_its_scores_and_the_next_best():
    second = Hypothesis([4], -2.0, -3.0)
    first = Hypothesis([3], -1.0, -1.5, (second,))
    assert first == Hypothesis([3], -1.0, -1.5, (Hypothesis([4], -2.0, -3.0),))
    assert first != Hypothesis([3], -1.0, -1.5)
    assert Hypothesis([]) == Hypothesis([], 0.0, 0.0, ())
