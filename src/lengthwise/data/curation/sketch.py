"""Exact copies by a digest, near copies by MinHash signatures in an index that grows as texts come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from lengthwise.data.curation.deduplicate import normalize
from lengthwise.data.curation.ngrams import Words, ngrams_of

NUM_BANDS = 32
"""Two texts of similarity .7 share one of them with probability 1 - (1 - .7^4)^32 = .9998; estimates decide."""
SHINGLE = 3
"""Words: two texts of a hundred words that differ in two have a Jaccard similarity of .89."""
NUM_HASHES = 128
"""Four bytes each of every text kept; a similarity of .7 is estimated to within .04."""


def digest_of(text: str) -> bytes:
    """Sixteen bytes that are equal where texts are, but for case and white space."""
    return blake2b(normalize(text).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def sketches_of(texts: Sequence[Words]) -> list[Any]:
    """MinHash signatures of the runs of three words of each text; a shorter text is its own only one."""
    shingles = [ngrams_of(words, SHINGLE) or [" ".join(words)] for words in texts]
    return _rensa().RMinHash.from_token_sets(shingles, NUM_HASHES, SEED)


SEED = 42
"""The one that the library's index assumes."""


@dataclass
class Seen:
    """All texts that were kept; forgets nothing."""

    threshold: float | None
    """Jaccard similarity from which a text counts as a near copy; None: only exact copies do."""
    digests: set[bytes] = field(default_factory=set)
    _index: Any = None

    def __post_init__(self) -> None:
        if self.threshold is not None:
            if not 0.3 <= self.threshold <= 1:
                raise ValueError(f"`near` must be between 0.3 and 1 (or none), but is {self.threshold}.")
            self._index = _rensa().RMinHashDeduplicator(self.threshold, NUM_HASHES, True, NUM_BANDS, SEED)

    def fault(self, digest: bytes, sketch: Any) -> str | None:
        """Why a text is nothing new; one that is new is remembered."""
        if digest in self.digests:
            return "exact copy"
        if self._index is not None and not self._index.add(digest.hex(), sketch):
            return "near copy"
        self.digests.add(digest)
        return None


def _rensa() -> Any:
    try:
        import rensa
    except ImportError:
        raise ValueError(
            "Finding near copies needs rensa, which is not installed. Install it with "
            "`pip install 'lengthwise[curation]'`, or set near=none."
        ) from None
    return rensa
