"""Rows of a split as padded batches of tensors."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from lengthwise.contracts import PAD, Batch
from lengthwise.data.batching import BatchConfig, cut, length_ranks
from lengthwise.data.order import Order
from lengthwise.data.shards import Split


class Loader:
    """Training batches by global index: `batch(step)` is the same whatever was asked for before."""

    def __init__(self, split: Split, order: Order) -> None:
        """An order of this split's lengths."""
        self.split = split
        self.order = order

    def batch(self, step: int) -> Batch:
        """The global batch `step`, which runs on over epochs."""
        return collate(self.split, self.order.indices(step))


def sequential(split: Split, config: BatchConfig) -> Iterator[tuple[Int[np.ndarray, " rows"], Batch]]:
    """Every row once with its index, in batches of similar length, shortest first: for evaluation."""
    rows = np.argsort(length_ranks(split.input_lengths, split.target_lengths)[0], kind="stable")
    begins = cut(split.input_lengths[rows], split.target_lengths[rows], config)
    for begin, end in zip(begins[:-1], begins[1:], strict=True):
        yield rows[begin:end], collate(split, rows[begin:end])


def collate(split: Split, rows: Int[np.ndarray, " rows"]) -> Batch:
    """Rows of a split, each side padded to its longest."""
    inputs, targets = zip(*(split.tokens(row) for row in rows.tolist()), strict=True)
    return Batch(padded(inputs) if split.has_inputs else None, padded(targets))


def padded(sequences: tuple[np.ndarray, ...]) -> Int[Tensor, "batch length"]:
    """Sequences of ids as one tensor, `PAD` behind each."""
    lengths = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
    padded = np.full((len(sequences), int(lengths.max())), PAD, dtype=np.int64)
    padded[np.arange(padded.shape[1]) < lengths[:, None]] = np.concatenate(sequences)
    return torch.from_numpy(padded)
