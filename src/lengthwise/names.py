"""Nearest names, for every "did you mean"."""

import difflib
from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str], count: int = 3) -> list[str]:
    """The candidates most like `word`, best first; spelling counts, and so does a shared beginning or part."""
    ranked = sorted(_scored(word, candidates), key=lambda pair: (-pair[0], pair[1]))
    return [name for score, name in ranked if score >= ranked[0][0] - 0.2][:count]


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A sentence with a leading space, such as ` Did you mean `x` or `y`?`, or nothing if no candidate is near."""
    names = [f"`{name}`" for name in nearest(word, candidates)]
    if not names:
        return ""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f" Did you mean {listed}?"


def _scored(word: str, candidates: Iterable[str]) -> list[tuple[float, str]]:
    scores = ((_likeness(word.lower(), name.lower()), name) for name in dict.fromkeys(candidates))
    return [(score, name) for score, name in scores if score >= 0.6]


def _likeness(word: str, name: str) -> float:
    """1.0 for equal names; `layers` is near `num_layers` and `tiny` near `transformer.tiny` by their parts."""
    spelling = difflib.SequenceMatcher(None, word, name).ratio()
    parts = name.replace(".", "_").split("_")
    is_part = word in parts or (len(word) >= 3 and name.startswith(word))
    last = difflib.SequenceMatcher(None, word, name.rpartition(".")[2]).ratio()
    return max(spelling, 0.8 if is_part else 0.0, 0.9 * last)
