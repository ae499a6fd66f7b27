"""Finding texts that stand, almost, in another list: MinHash proposes, exact Jaccard of character n-grams decides.

Broder, "On the resemblance and containment of documents", 1997; banding as in Leskovec et al., "Mining of Massive
Datasets", chapter 3.
"""

from collections.abc import Iterator, Sequence

import numpy as np

NGRAM = 5
# Two texts of Jaccard .7 share a band with probability 1 - (1 - .7^4)^20 = .996, two of Jaccard .3 with .15.
NUM_BANDS = 20
ROWS_PER_BAND = 4
# Texts whose n-grams are hashed at once: as many as stay in a core's cache.
CHUNK_CHARACTERS = 100_000

Strings = Sequence[str]


def normalize(text: str) -> str:
    """What counts as the same text: case and white space don't tell two apart."""
    return " ".join(text.casefold().split())


def near_duplicates(texts: Strings, references: Strings, threshold: float = 0.7) -> np.ndarray:
    """For each text whether a reference has character 5-grams of Jaccard >= `threshold` with it (both normalized).

    A bool array `[num_texts]`. Misses about one pair in 250 at the default threshold, fewer above it; never marks a
    text that has none.
    """
    if not 0.3 <= threshold <= 1:
        raise ValueError(f"`threshold` must be between 0.3 and 1, but is {threshold}.")
    texts = [normalize(text) for text in texts]
    references = list(dict.fromkeys(normalize(text) for text in references))
    result = np.zeros(len(texts), dtype=np.bool_)
    if not texts or not references:
        return result
    buckets = _Buckets(minhash_bands(references))
    known: dict[int, set[str]] = {}
    for row, keys in enumerate(minhash_bands(texts)):
        mine = ngrams(texts[row])
        for other in buckets.candidates(keys):
            if other not in known:
                known[other] = ngrams(references[other])
            if _is_similar(mine, known[other], threshold):
                result[row] = True
                break
    return result


def near_pairs(texts: Strings, threshold: float = 0.7) -> list[tuple[int, int]]:
    """Numbers of texts that are near-duplicates: each with one that came before and shares a band of its signature."""
    texts = [normalize(text) for text in texts]
    firsts: list[dict[int, int]] = [{} for _ in range(NUM_BANDS)]
    pairs = set()
    for number, keys in enumerate(minhash_bands(texts).tolist()):
        known = {
            first for seen, key in zip(firsts, keys, strict=True) if (first := seen.setdefault(key, number)) != number
        }
        mine = ngrams(texts[number]) if known else set()
        pairs |= {(first, number) for first in known if _is_similar(ngrams(texts[first]), mine, threshold)}
    return sorted(pairs)


def ngrams(text: str) -> set[str]:
    """Its character 5-grams; a shorter text is its own only one."""
    return {text[i : i + NGRAM] for i in range(max(1, len(text) - NGRAM + 1))}


def minhash_bands(texts: Strings) -> np.ndarray:
    """Keys `[num_texts, num_bands]`, uint64: two texts that agree in one are worth comparing."""
    parts = [_bands_of_chunk(texts[begin:end]) for begin, end in _chunks(texts)]
    return np.concatenate(parts) if parts else np.zeros((0, NUM_BANDS), dtype=np.uint64)


def _is_similar(mine: set[str], other: set[str], threshold: float) -> bool:
    small, large = sorted((len(mine), len(other)))
    if small < threshold * large:
        return False
    num_shared = len(mine & other)
    return num_shared >= threshold * (small + large - num_shared)


class _Buckets:
    """References by band key."""

    def __init__(self, bands: np.ndarray) -> None:
        self.orders = [np.argsort(keys, kind="stable") for keys in bands.T]
        self.keys = [keys[order] for keys, order in zip(bands.T, self.orders, strict=True)]

    def candidates(self, keys: np.ndarray) -> Iterator[int]:
        """References that share a key, once each; lazily, as the first is often enough."""
        seen: set[int] = set()
        for key, known, order in zip(keys, self.keys, self.orders, strict=True):
            begin = int(np.searchsorted(known, key))
            while begin < len(known) and known[begin] == key:
                other = int(order[begin])
                begin += 1
                if other not in seen:
                    seen.add(other)
                    yield other


def _chunks(texts: Strings) -> Iterator[tuple[int, int]]:
    begin, size = 0, 0
    for end, text in enumerate(texts):
        size += len(text)
        if size > CHUNK_CHARACTERS:
            yield begin, end + 1
            begin, size = end + 1, 0
    if begin < len(texts):
        yield begin, len(texts)


def _bands_of_chunk(texts: Strings) -> np.ndarray:
    hashes, begins = _ngram_hashes(texts)
    generator = np.random.Generator(np.random.PCG64(20170612))
    keys = np.zeros((len(texts), NUM_BANDS), dtype=np.uint64)
    for band in range(NUM_BANDS):
        for _ in range(ROWS_PER_BAND):
            multiplier = np.uint32(generator.integers(2**32, dtype=np.uint32) | 1)
            least = np.minimum.reduceat(_mixed(hashes * multiplier), begins)
            keys[:, band] = keys[:, band] * np.uint64(0x9E3779B97F4A7C15) + least + np.uint64(1)
    return keys


def _ngram_hashes(texts: Strings) -> tuple[np.ndarray, np.ndarray]:
    """All n-grams' hashes behind each other, and where each text's begin."""
    # A text shorter than an n-gram is filled up with a character that no text has (NUL is white space to nobody, but
    # a false candidate costs only a comparison).
    filled = [text if len(text) >= NGRAM else text.ljust(NGRAM, "\0") for text in texts]
    lengths = np.fromiter(map(len, filled), dtype=np.int64, count=len(filled))
    codes = np.frombuffer("".join(filled).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    hashes = np.zeros(len(codes) - NGRAM + 1, dtype=np.uint32)
    for offset in range(NGRAM):
        hashes = hashes * np.uint32(0x01000193) + _mixed(codes[offset : len(codes) - NGRAM + 1 + offset] + np.uint32(1))
    counts = lengths - NGRAM + 1
    ends_of_text = np.cumsum(lengths)
    is_inside = np.ones(len(codes), dtype=np.bool_)
    for offset in range(1, NGRAM):  # the n-grams that would begin in a text and end in the next
        is_inside[ends_of_text - offset] = False
    return hashes[is_inside[: len(hashes)]], np.cumsum(counts) - counts


def _mixed(values: np.ndarray) -> np.ndarray:
    """Spread every bit over the word (two rounds of murmur3's finalizer)."""
    values = values ^ (values >> np.uint32(16))
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    return values
