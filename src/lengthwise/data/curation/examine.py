"""What can be said of a text alone: done for many texts at once, in any process, without torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lengthwise.data.curation.decontaminate import Decontamination
from lengthwise.data.curation.language import language_of
from lengthwise.data.curation.ngrams import words_of
from lengthwise.data.curation.quality import Quality
from lengthwise.data.curation.sketch import digest_of, sketches_of


class Finding(NamedTuple):
    """Of one text."""

    fault: str | None
    """Why it is left out, whatever other texts there are."""
    num_bytes: int
    digest: bytes = b""
    sketch: Any = None
    """The last two of texts that may stay: what tells copies."""


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What each text is asked."""

    quality: Quality | None
    languages: tuple[str, ...]
    decontamination: Decontamination
    is_sketched: bool

    def __call__(self, texts: Sequence[str]) -> list[Finding]:
        """A finding for each."""
        words = list(map(words_of, texts))
        faults = [self._fault(text, its) for text, its in zip(texts, words, strict=True)]
        kept = [its for its, fault in zip(words, faults, strict=True) if fault is None]
        sketches = iter(sketches_of(kept) if self.is_sketched else [None] * len(kept))
        return [
            Finding(fault, _size(text))
            if fault is not None
            else Finding(None, _size(text), digest_of(text), next(sketches))
            for text, fault in zip(texts, faults, strict=True)
        ]

    def _fault(self, text: str, words: Sequence[str]) -> str | None:
        if self.quality is not None and (fault := self.quality.fault(text, words)):
            return fault
        if self.languages and (language := language_of(text)) not in self.languages:
            return f"language {language}"
        return self.decontamination.fault(words)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
