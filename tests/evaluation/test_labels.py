import numpy as np
import pytest

from lengthwise.evaluation.labels import Guesses


def test_scores_count_what_is_right_at_once_and_among_five():
    is_right = np.zeros((4, 5), dtype=bool)
    is_right[0, 0] = is_right[1, 4] = True
    first, fifth = Guesses(np.arange(4), is_right).scores()
    assert (first.name, first.value) == ("top-1", 25.0) and (fifth.name, fifth.value) == ("top-5", 50.0)
    assert first.low == pytest.approx(0.0) and first.high == pytest.approx(25 + 42.4, abs=0.1)


def test_few_classes_have_no_top_five():
    assert [score.name for score in Guesses(np.arange(2), np.ones((2, 1), dtype=bool)).scores()] == ["top-1"]
