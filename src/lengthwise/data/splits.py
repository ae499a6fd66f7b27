"""Which split a row belongs to: documents are never cut, and no test row has a copy in train."""

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np

from lengthwise.data.curation.deduplicate import near_duplicates, normalize
from lengthwise.data.rows import SPLITS, Row

# A group above this share of all rows goes to train: hashed, it could make the test set the larger one.
MAX_EVALUATION_SHARE = 0.05


def assign_splits(rows: Sequence[Row]) -> list[str]:
    """A split for every row: the source's own, or 90/5/5 by a hash of its group.

    A group is a document, or, where none is known, all rows connected by an equal source or target (normalized).
    Where no row has a fixed split, validation and test get at least a group each as long as there are three groups.
    """
    keys = group_keys(rows)
    sizes = Counter(key for key in keys if key is not None)
    limit = MAX_EVALUATION_SHARE * len(rows)
    splits = {key: "train" if size > limit else _split_of(key) for key, size in sizes.items()}
    if len(splits) >= 3 and not any(row.split for row in rows):
        _fill_empty_splits(splits, sizes, limit)
    return [row.split or splits[str(key)] for row, key in zip(rows, keys, strict=True)]


def group_keys(rows: Sequence[Row]) -> list[str | None]:
    """What must stay together, by name; None for rows whose split is fixed.

    The name of a group without a document is its least text, so that it doesn't depend on the order of rows.
    """
    free = [i for i, row in enumerate(rows) if row.split is None and row.document is None]
    sides = [_names(rows[i]) for i in free]
    parents = connected([side for side in sides if side[0] != "s "])
    names = {i: parents.get(targets) or targets for i, (_, targets) in zip(free, sides, strict=True)}
    return [
        None if row.split else f"group {names[i]}" if row.document is None else f"document {row.document}"
        for i, row in enumerate(rows)
    ]


def _names(row: Row) -> tuple[str, str]:
    """What connects a row to others; twice its source where its target is a class."""
    source, target = (normalize(side) for side in row.compared)
    return f"s {source}", f"s {source}" if row.are_labels[1] else f"t {target}"


def copies_of_train(rows: Sequence[Row], splits: Sequence[str]) -> np.ndarray:
    """Bool `[num_rows]`: rows outside train whose source or target, normalized, stands in train on the same side."""
    known: tuple[set[str], set[str]] = (set(), set())
    for row, split in zip(rows, splits, strict=True):
        if split == "train":
            for texts, side in zip(known, row.compared, strict=True):
                texts.add(normalize(side))
    for texts in known:
        texts.discard("")
    return np.array(
        [
            split != "train" and any(normalize(side) in texts for texts, side in zip(known, row.compared, strict=True))
            for row, split in zip(rows, splits, strict=True)
        ],
        dtype=np.bool_,
    )


def near_copies_of_train(rows: Sequence[Row], splits: Sequence[str]) -> np.ndarray:
    """Bool `[num_rows]`: rows outside train with a near-duplicate of their source or target in train."""
    outside = np.array([split != "train" for split in splits], dtype=np.bool_)
    result = np.zeros(len(rows), dtype=np.bool_)
    asked = [row for row, is_outside in zip(rows, outside, strict=True) if is_outside]
    train = [row for row, is_outside in zip(rows, outside, strict=True) if not is_outside]
    for side in (0, 1):
        texts, known = ([row.compared[side] for row in some] for some in (asked, train))
        has_text = np.array([bool(text) for text in texts], dtype=np.bool_)
        result[outside] |= has_text & near_duplicates(texts, known)
    return result


def _split_of(key: str) -> str:
    share = int.from_bytes(hashlib.sha256(_bytes(key)).digest()[:8], "big") / 2**64
    return "train" if share < 0.9 else "validation" if share < 0.95 else "test"


def _fill_empty_splits(splits: dict[str, str], sizes: Counter[str], limit: float) -> None:
    """Give a split that the hash left empty one group: a small one if there is any."""
    order = sorted(splits, key=lambda key: (sizes[key] > limit, hashlib.sha256(_bytes(key)).digest()))
    for split in SPLITS:
        counts = Counter(splits.values())
        if not counts[split]:
            splits[next(key for key in order if counts[splits[key]] > 1)] = split


def _bytes(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def connected(edges: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Node to the least node of its component, for every node of these edges (union-find with path halving)."""
    parents: dict[str, str] = {}

    def root(node: str) -> str:
        while (parent := parents.setdefault(node, node)) != node:
            parents[node] = node = parents[parent]
        return node

    for left, right in edges:
        least, other = sorted((root(left), root(right)))
        parents[other] = least
    return {node: root(node) for node in list(parents)}
