"""How many outputs are right, whole or symbol by symbol."""

from collections.abc import Sequence

from lengthwise.metrics.score import Score, check_pairs


def exact_match(hypotheses: Sequence[str], references: Sequence[str]) -> Score:
    """Share of outputs that equal their reference, 0 to 100."""
    check_pairs(hypotheses, references)
    right = sum(hypothesis == reference for hypothesis, reference in zip(hypotheses, references, strict=True))
    return Score("exact match", 100 * right / len(references))


def symbol_accuracy(hypotheses: Sequence[str], references: Sequence[str]) -> Score:
    """Share of places with the right symbol, 0 to 100; places that only one of the two has are wrong."""
    check_pairs(hypotheses, references)
    right = sum(a == b for pair in zip(hypotheses, references, strict=True) for a, b in zip(*pair, strict=False))
    return Score("symbol accuracy", 100 * right / max(1, sum(map(_longer, hypotheses, references))))


def _longer(hypothesis: str, reference: str) -> int:
    return max(len(hypothesis), len(reference))
