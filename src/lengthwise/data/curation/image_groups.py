"""Images that must stay together: of one series, of the same look, or with almost the same caption."""

import re
from collections.abc import Sequence
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.curation.deduplicate import minhash_bands, ngrams
from lengthwise.data.curation.looks import looks_of
from lengthwise.data.curation.ngrams import words_of
from lengthwise.data.splits import connected

NEAR = 0.7
"""Jaccard similarity of characters' 5-grams from which captions are one."""
FILLING = {"a", "an", "the", "of", "and", "in", "on", "with", "s"}


def grouped(rows: Sequence[Example], *, has_captions: bool) -> list[Example]:
    """The same rows with the name of their group as `document`.

    A row has a Blob `inputs` and in `where` the image's name; names that differ in numbers alone (`tux_01.png`) are of
    a series. Captions are `targets`: numbers and little words don't tell two apart.
    """
    blobs = [row["inputs"] for row in rows if isinstance(row["inputs"], Blob)]
    nodes = [f"image {row['where']}" for row in rows]
    edges = [(node, f"series {_series(str(row['where']))}") for node, row in zip(nodes, rows, strict=True)]
    edges += [(node, f"look {look}") for node, look in zip(nodes, looks_of(blobs), strict=True) if look]
    if has_captions:
        keys = [_key(str(row["targets"])) for row in rows]
        edges += [(node, f"caption {key}") for node, key in zip(nodes, keys, strict=True)]
        edges += [(f"caption {one}", f"caption {other}") for one, other in _near(sorted(set(keys)))]
    names = connected(edges)
    return [{**row, "document": names[node]} for node, row in zip(nodes, rows, strict=True)]


def _series(name: str) -> str:
    return re.sub(r"[\W_]*\d+[\W_]*", "#", Path(name).with_suffix("").as_posix().lower())


def _key(caption: str) -> str:
    """Its words in their order, without numbers and little words; of a caption that has none else, the caption."""
    words = [word for word in words_of(caption) if word not in FILLING and not word.isdecimal()]
    return " ".join(words) or caption


def _near(keys: Sequence[str]) -> list[tuple[str, str]]:
    """Each caption with one that is near to it, where they share a band of their signatures."""
    pairs = set()
    for band in minhash_bands(keys).T:
        firsts: dict[int, int] = {}
        for number, value in enumerate(band.tolist()):
            first = firsts.setdefault(value, number)
            if first != number and _similarity(keys[first], keys[number]) >= NEAR:
                pairs.add((keys[first], keys[number]))
    return sorted(pairs)


def _similarity(one: str, other: str) -> float:
    ours, theirs = ngrams(one), ngrams(other)
    return len(ours & theirs) / len(ours | theirs)
