"""Summaries that are taken from the text: what one must beat that is written."""

import math
import re
from collections import Counter
from collections.abc import Sequence

SENTENCE_END = re.compile(r"(?<=[.!?:])\s+(?=[^a-z])|\n+")


def lead(texts: Sequence[str]) -> list[str]:
    """The first sentence of each text."""
    return [sentences(text)[0] for text in texts]


def central(texts: Sequence[str]) -> list[str]:
    """The sentence of each text that is most like the whole of it, by tf-idf with the frequencies in these texts."""
    counts = Counter(word for text in texts for word in set(words(text)))
    weights = {word: math.log(len(texts) / number) for word, number in counts.items()}

    def vector(text: str) -> dict[str, float]:
        return {word: number * weights[word] for word, number in Counter(words(text)).items()}

    found = []
    for text in texts:
        whole = vector(text)
        found.append(max(sentences(text), key=lambda sentence: _cosine(vector(sentence), whole)))
    return found


def sentences(text: str) -> list[str]:
    """Its sentences and lines; the text itself where it has none."""
    return [part.strip() for part in SENTENCE_END.split(text) if part.strip()] or [text]


def words(text: str) -> list[str]:
    """Lower-cased."""
    return re.findall(r"\w+", text.casefold())


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    product = sum(value * other.get(word, 0.0) for word, value in one.items())
    norms = math.sqrt(sum(value**2 for value in one.values())) * math.sqrt(sum(value**2 for value in other.values()))
    return product / norms if norms else 0.0
