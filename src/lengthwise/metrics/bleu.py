"""BLEU and chrF by sacreBLEU's own library, with its signature and bootstrap interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lengthwise.metrics.score import Score, check_pairs

if TYPE_CHECKING:
    from sacrebleu.metrics.base import Metric

NUM_RESAMPLES = 1000
# sacreBLEU holds all resamples in memory: large test sets, whose interval is narrow anyway, get fewer (at least 100).
MAX_RESAMPLED_ROWS = 2_000_000


def bleu(hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """Corpus BLEU, 0 to 100, of detokenized text against one reference each (tokenizer 13a, exponential smoothing)."""
    from sacrebleu.metrics.bleu import BLEU  # here, as it takes half a second that most commands never need

    check_pairs(hypotheses, references)
    return _score("BLEU", _with_plain_floats(BLEU(references=[list(references)])), hypotheses, has_interval)


def chrf(hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """Corpus chrF2, 0 to 100: character 6-grams, recall weighted twice."""
    from sacrebleu.metrics.chrf import CHRF

    check_pairs(hypotheses, references)
    return _score("chrF", _with_plain_floats(CHRF(references=[list(references)])), hypotheses, has_interval)


def _score(name: str, metric: "Metric", hypotheses: Sequence[str], has_interval: bool) -> Score:
    most = max(100, min(NUM_RESAMPLES, MAX_RESAMPLED_ROWS // len(hypotheses)))
    result = metric.corpus_score(list(hypotheses), None, n_bootstrap=most if has_interval else 1)
    signature = str(metric.get_signature())
    if not has_interval:
        return Score(name, float(result.score), signature)
    # sacreBLEU's interval is symmetric around the mean and may leave the range of the score.
    low, high = max(0.0, float(result._mean - result._ci)), min(100.0, float(result._mean + result._ci))
    return Score(name, float(result.score), signature, low, high)


def _with_plain_floats(metric: Any) -> Any:
    """Mend sacreBLEU 2.6, whose mean fails on numpy and Python floats side by side: resamples that match nothing."""
    compute = metric._compute_score_from_stats

    def plain(stats: Any) -> Any:
        score = compute(stats)
        score.score = float(score.score)
        return score

    metric._compute_score_from_stats = plain
    return metric
