"""Images that must stay together: of one series, of the same look, or with almost the same caption."""

import re
from collections.abc import Sequence
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.curation.deduplicate import near_pairs
from lengthwise.data.curation.looks import looks_of
from lengthwise.data.curation.ngrams import words_of
from lengthwise.data.splits import connected

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
        different = sorted(set(keys))
        edges += [(f"caption {different[one]}", f"caption {different[other]}") for one, other in near_pairs(different)]
    names = connected(edges)
    return [{**row, "document": names[node]} for node, row in zip(nodes, rows, strict=True)]


def _series(name: str) -> str:
    return re.sub(r"[\W_]*\d+[\W_]*", "#", Path(name).with_suffix("").as_posix().lower())


def _key(caption: str) -> str:
    """Its words in their order, without numbers and little words; of a caption that has none else, the caption."""
    words = [word for word in words_of(caption) if word not in FILLING and not word.isdecimal()]
    return " ".join(words) or caption
