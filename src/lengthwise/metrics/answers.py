"""Answers compared as SQuAD compares them: without case, punctuation and articles (Rajpurkar et al. 2016)."""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

from lengthwise.metrics.score import Score, check_pairs, mean_score


def answer_f1(hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """Mean F1 of the words of two answers, 0 to 100."""
    return _mean("F1", _overlap, hypotheses, references, has_interval)


def answer_match(hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """Share of answers with the reference's words in their order, 0 to 100."""
    return _mean("exact match", lambda words, right: float(words == right), hypotheses, references, has_interval)


def normalised(answer: str) -> list[str]:
    """Its words as they are compared."""
    without = answer.lower().translate(str.maketrans("", "", string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", without).split()


def _overlap(words: list[str], right: list[str]) -> float:
    if not words or not right:
        return float(words == right)
    common = sum((Counter(words) & Counter(right)).values())
    return 2 * common / (len(words) + len(right))


def _mean(
    name: str,
    compare: Callable[[list[str], list[str]], float],
    hypotheses: Sequence[str],
    references: Sequence[str],
    has_interval: bool,
) -> Score:
    check_pairs(hypotheses, references)
    pairs = zip(hypotheses, references, strict=True)
    scores = [compare(normalised(hypothesis), normalised(reference)) for hypothesis, reference in pairs]
    return mean_score(name, scores, "one reference|squad normalised", has_interval=has_interval)
