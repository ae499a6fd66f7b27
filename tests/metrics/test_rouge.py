import pytest
from rouge_score.rouge_scorer import RougeScorer

from lengthwise.metrics.rouge import rouge_1, rouge_2, rouge_l

HYPOTHESES = ["debug memory allocation library", "a tool", "shared files of the game"]
REFERENCES = ["library for debugging memory allocations", "tool for nothing", "game data: shared files"]


@pytest.mark.parametrize(("metric", "kind"), [(rouge_1, "rouge1"), (rouge_2, "rouge2"), (rouge_l, "rougeL")])
def test_it_is_the_reference_implementations_mean(metric, kind):
    scorer = RougeScorer([kind], use_stemmer=True)
    rows = [
        scorer.score(reference, found)[kind].fmeasure for found, reference in zip(HYPOTHESES, REFERENCES, strict=True)
    ]
    score = metric(HYPOTHESES, REFERENCES)
    assert score.value == pytest.approx(100 * sum(rows) / 3)
    assert score.low is not None and score.low <= score.value <= score.high
    assert metric(HYPOTHESES, REFERENCES, has_interval=False).low is None


def test_the_same_text_has_a_hundred_and_another_none():
    assert rouge_l(["one two"], ["one two"]).value == 100 and rouge_l(["one"], ["two"]).value == 0


def test_lists_of_different_length_are_refused():
    with pytest.raises(ValueError, match="must be as many"):
        rouge_1(["a"], [])
