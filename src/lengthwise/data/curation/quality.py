"""Why a text is no prose worth learning: small pure functions, each giving a reason or None.

Rules and limits follow Rae et al. 2021 (Gopher, arXiv 2112.11446, table A1) and Raffel et al. 2020 (C4, 1910.10683).
"""

from collections import Counter
from dataclasses import dataclass, fields

from lengthwise.data.curation.ngrams import Words, ngrams_of

ENGLISH = ("the", "be", "to", "of", "and", "that", "have", "with")
PLACEHOLDERS = ("lorem ipsum",)
BULLETS = ("-", "*", "•", "‣", "–")
DOTS = ("...", "…")
PHRASE, PASSAGE = 3, 5
"""Words that are looked for as the most frequent phrase, and as passages that come again."""


@dataclass(frozen=True, kw_only=True)
class Quality:
    """What a text must keep to; shares are of its lines, words or characters."""

    min_words: int = 50
    max_words: int = 100_000
    min_word_length: float = 3.0
    """Characters of a word in the mean."""
    max_word_length: float = 10.0
    max_symbols: float = 0.1
    """`#` and ellipses for each word."""
    min_alphabetic: float = 0.8
    """Share of words with a letter."""
    max_bullets: float = 0.9
    """Share of lines that begin with one."""
    max_cut_lines: float = 0.3
    """Share of lines that end in an ellipsis."""
    max_repeated_lines: float = 0.3
    """Share of lines that stand there before."""
    max_phrase: float = 0.18
    """Share of the words that are of the most frequent run of three."""
    max_repeated_passages: float = 0.15
    """Share of the runs of five words that stand there before."""
    min_stop_words: int = 2
    """How many of `stop_words` it must have; 0 for texts in other languages, or name theirs."""
    stop_words: tuple[str, ...] = ENGLISH

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, tuple) and value < 0:
                raise ValueError(f"`quality.{field.name}` must be at least 0, but is {value}.")
        if self.min_words > self.max_words or self.min_word_length > self.max_word_length:
            raise ValueError("`quality`: what is least must not be above what is most, but it is. Change one.")

    def fault(self, text: str, words: Words) -> str | None:
        """The first reason to leave out a text of these words, or None."""
        return (
            self._wrong_length(words)
            or self._wrong_words(text, words)
            or self._wrong_lines(text)
            or self._repeated(words)
            or self._unlike_prose(text, words)
        )

    def _wrong_length(self, words: Words) -> str | None:
        if len(words) < max(1, self.min_words):
            return f"fewer than {max(1, self.min_words)} words"
        return f"more than {self.max_words} words" if len(words) > self.max_words else None

    def _wrong_words(self, text: str, words: Words) -> str | None:
        mean = sum(map(len, words)) / len(words)
        if not self.min_word_length <= mean <= self.max_word_length:
            return "words too short or too long in the mean"
        if text.count("#") + sum(map(text.count, DOTS)) > self.max_symbols * len(words):
            return "too many symbols"
        least = self.min_alphabetic * len(words)
        # Most texts pass on words of letters alone, which are counted ten times as fast.
        is_prose = sum(map(str.isalpha, words)) >= least or sum(any(map(str.isalpha, word)) for word in words) >= least
        return None if is_prose else "too few words with letters"

    def _wrong_lines(self, text: str) -> str | None:
        lines = [line for line in map(str.strip, text.splitlines()) if line]
        if sum(line.startswith(BULLETS) for line in lines) > self.max_bullets * len(lines):
            return "too many bullets"
        if sum(line.endswith(DOTS) for line in lines) > self.max_cut_lines * len(lines):
            return "too many lines cut off"
        return "repeated lines" if len(lines) - len(set(lines)) > self.max_repeated_lines * len(lines) else None

    def _repeated(self, words: Words) -> str | None:
        passages = ngrams_of(words, PASSAGE)
        if len(passages) - len(set(passages)) > self.max_repeated_passages * len(passages):
            return "repeated passages"
        # A phrase that comes twice is none yet, however short the text.
        count = max(Counter(ngrams_of(words, PHRASE)).values(), default=0)
        return "one phrase again and again" if count > 2 and PHRASE * count > self.max_phrase * len(words) else None

    def _unlike_prose(self, text: str, words: Words) -> str | None:
        if any(placeholder in text.casefold() for placeholder in PLACEHOLDERS):
            return "placeholder text"
        return "too few stop words" if len(set(words) & set(self.stop_words)) < self.min_stop_words else None
