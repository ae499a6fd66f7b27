"""ROUGE by Google's own library (Lin 2004), with bootstrap intervals."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from lengthwise.metrics.score import Score, check_pairs

NUM_RESAMPLES = 1000
SEED = 0
KINDS = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L"}


def rouge(kind: str, hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """The mean F1 of words (`rouge1`), pairs of words (`rouge2`) or longest common subsequences (`rougeL`), 0 to 100.

    Words are those of letters a to z and digits, lower-cased and stemmed, as the library does it for English.
    """
    check_pairs(hypotheses, references)
    scorer = _scorer(kind)
    scores = np.array(
        [
            scorer.score(reference, hypothesis)[kind].fmeasure
            for hypothesis, reference in zip(hypotheses, references, strict=True)
        ]
    )
    value, signature = 100 * float(scores.mean()), "rouge-score|F1|stemmed"
    if not has_interval:
        return Score(KINDS[kind], value, signature)
    random = np.random.default_rng(SEED)
    means = [scores[random.integers(len(scores), size=len(scores))].mean() for _ in range(NUM_RESAMPLES)]
    low, high = (100 * np.percentile(means, [2.5, 97.5])).tolist()
    return Score(KINDS[kind], value, f"{signature}|bs:{NUM_RESAMPLES}|seed:{SEED}", low, high)


rouge_1, rouge_2, rouge_l = (partial(rouge, kind) for kind in KINDS)


def _scorer(kind: str):  # noqa: ANN202
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise ValueError(
            "ROUGE needs rouge-score, which is not installed. Install it with `pip install 'lengthwise[metrics]'`."
        ) from None
    return RougeScorer([kind], use_stemmer=True)
