"""Texts that hold a passage of an evaluation set: any run of n words in common (Brown et al. 2020, appendix C)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lengthwise.data.curation.ngrams import Words, ngrams_of, words_of


@dataclass(frozen=True)
class Decontamination:
    """The passages to look for."""

    size: int = 13
    """Words of a passage."""
    passages: frozenset[str] = field(default=frozenset(), repr=False)
    num_short: int = 0
    """Evaluation texts with fewer words, which nothing can be found of."""

    @classmethod
    def against(cls, texts: Iterable[str], size: int) -> "Decontamination":
        """From the texts of evaluation sets."""
        if size < 2:
            raise ValueError(f"`ngram` must be at least 2 words, but is {size}. 13 is usual.")
        passages, num_short = set[str](), 0
        for text in texts:
            found = ngrams_of(words_of(text), size)
            num_short += not found
            passages.update(found)
        return cls(size, frozenset(passages), num_short)

    def fault(self, words: Words) -> str | None:
        """Why a text of these words would give an evaluation away, or None."""
        if self.passages and not self.passages.isdisjoint(ngrams_of(words, self.size)):
            return "passage of an evaluation set"
        return None
