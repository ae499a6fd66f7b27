"""ROUGE by Google's own library (Lin 2004), with bootstrap intervals."""

from collections.abc import Sequence
from functools import partial

from lengthwise.metrics.score import Score, check_pairs, mean_score

KINDS = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L"}


def rouge(kind: str, hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """The mean F1 of words (`rouge1`), pairs of words (`rouge2`) or longest common subsequences (`rougeL`), 0 to 100.

    Words are those of letters a to z and digits, lower-cased and stemmed, as the library does it for English.
    """
    check_pairs(hypotheses, references)
    scorer = _scorer(kind)
    scores = [
        scorer.score(reference, hypothesis)[kind].fmeasure
        for hypothesis, reference in zip(hypotheses, references, strict=True)
    ]
    return mean_score(KINDS[kind], scores, "rouge-score|F1|stemmed", has_interval=has_interval)


rouge_1, rouge_2, rouge_l = (partial(rouge, kind) for kind in KINDS)


def _scorer(kind: str):  # noqa: ANN202
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise ValueError(
            "ROUGE needs rouge-score, which is not installed. Install it with `pip install 'lengthwise[metrics]'`."
        ) from None
    return RougeScorer([kind], use_stemmer=True)
