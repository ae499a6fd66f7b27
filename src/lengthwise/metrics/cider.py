"""CIDEr-D of captions (Vedantam et al. 2015, arXiv 1411.5726), with one reference each."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from lengthwise.metrics.score import Score, check_pairs, mean_score

LONGEST = 4
SIGMA = 6.0

Vector = dict[tuple[str, ...], float]


def cider(hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """The mean over captions and n-grams of 1 to 4 words of ten times their tf-idf cosine, clipped at the reference's.

    Words are lower-cased and not stemmed, which is the one difference from the published metric; document frequencies
    are those of the references. At most 10.
    """
    check_pairs(hypotheses, references)
    wanted = [_counts(text) for text in references]
    seen = Counter(gram for counts in wanted for gram in counts)
    total = math.log(len(references))
    weights = {gram: total - math.log(number) for gram, number in seen.items()}
    scores = [_score(_counts(text), counts, weights, total) for text, counts in zip(hypotheses, wanted, strict=True)]
    return mean_score("CIDEr", scores, "D|unstemmed", scale=1.0, has_interval=has_interval)


def _counts(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return Counter(
        tuple(words[begin : begin + length])
        for length in range(1, LONGEST + 1)
        for begin in range(len(words) - length + 1)
    )


def _score(found: Counter, wanted: Counter, weights: Vector, unseen: float) -> float:
    """Of one caption."""
    lengths = [sum(number for gram, number in counts.items() if len(gram) == 1) for counts in (found, wanted)]
    penalty = math.exp(-((lengths[0] - lengths[1]) ** 2) / (2 * SIGMA**2))
    parts = []
    for length in range(1, LONGEST + 1):
        mine, theirs = (
            {gram: number * weights.get(gram, unseen) for gram, number in counts.items() if len(gram) == length}
            for counts in (found, wanted)
        )
        product = sum(min(mine[gram], theirs[gram]) * theirs[gram] for gram in mine.keys() & theirs.keys())
        norms = [math.sqrt(sum(value**2 for value in vector.values())) for vector in (mine, theirs)]
        parts.append(product / (norms[0] * norms[1]) if all(norms) else 0.0)
    return 10 * penalty * sum(parts) / LONGEST
