import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.metrics.accuracy import exact_match, symbol_accuracy

TEXTS = st.lists(st.tuples(st.text("ab", max_size=5), st.text("ab", max_size=5)), min_size=1, max_size=8)


def test_only_whole_outputs_match():
    assert exact_match(["abc", "abd", "", "a"], ["abc", "abc", "", "a "]).value == 50


@pytest.mark.parametrize(
    ("hypotheses", "references", "percent"),
    [
        (["abcd"], ["abcd"], 100),
        (["abcd"], ["abce"], 75),
        (["ab"], ["abcd"], 50),
        (["abcd"], ["ab"], 50),
        (["bcd"], ["abcd"], 0),
        ([""], ["abcd"], 0),
        (["a", "xxx"], ["a", "yyy"], 25),
        (["", "a"], ["", "a"], 100),
    ],
)
def test_symbols_are_counted_place_by_place_over_all_rows(hypotheses, references, percent):
    assert symbol_accuracy(hypotheses, references).value == percent


@given(TEXTS)
def test_both_are_100_exactly_where_everything_is_right(pairs):
    hypotheses, references = zip(*pairs, strict=True)
    is_right = hypotheses == references
    assert (exact_match(hypotheses, references).value == 100) == is_right
    assert (symbol_accuracy(hypotheses, references).value == 100) == (is_right and any(references))


@given(TEXTS)
def test_both_are_from_0_to_100_whatever_the_side(pairs):
    hypotheses, references = zip(*pairs, strict=True)
    for metric in (exact_match, symbol_accuracy):
        assert 0 <= metric(hypotheses, references).value <= 100
        assert metric(hypotheses, references) == metric(references, hypotheses)


@pytest.mark.parametrize("metric", [exact_match, symbol_accuracy])
def test_lists_of_unequal_length_or_none_are_refused(metric):
    with pytest.raises(ValueError, match="must be as many as"):
        metric(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="at least one row"):
        metric([], [])
