"""Rows of a split as padded batches of tensors."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from lengthwise.contracts import PAD, Batch
from lengthwise.data.augmentation import Augmentation
from lengthwise.data.batching import BatchConfig, cut, length_ranks
from lengthwise.data.order import Epochs, MixedOrder
from lengthwise.data.pieces import Rows
from lengthwise.data.sound_augmentation import SoundAugmentation
from lengthwise.world import WHOLE, Share


class Loader:
    """Training batches by global index: `batch(step)` is the same whatever was asked for before."""

    def __init__(
        self,
        split: Rows,
        order: Epochs | MixedOrder,
        augmentation: Augmentation | SoundAugmentation | None = None,
        seed: int = 0,
    ) -> None:
        """An order of this split's lengths; images and sounds are changed by draws that begin with the seed."""
        self.split, self.order, self.augmentation, self.seed = split, order, augmentation, seed

    def batch(self, step: int, share: Share = WHOLE) -> Batch:
        """A share of the rows of the global batch `step`, which runs on over epochs; a spare row where it is empty."""
        rows = self.order.indices(step)
        mine = rows[share.number :: share.of]
        batch = collate(self.split, mine if len(mine) else rows[:1])
        if self.augmentation is not None and batch.inputs is not None:
            draws = self.augmentation.draws(len(rows), self.seed, step)
            some = draws[share.number :: share.of] if len(mine) else draws[:1]
            batch = replace(batch, inputs=self.augmentation.apply(batch.inputs, some))
        return replace(batch, problem=self.order.part_of(step), is_spare=not len(mine))


def sequential(
    split: Rows, config: BatchConfig, chosen: Int[np.ndarray, " rows"] | None = None
) -> Iterator[Int[np.ndarray, " rows"]]:
    """Every row, or every chosen one, once, in batches of similar length, shortest first: for evaluation."""
    chosen = np.arange(len(split)) if chosen is None else chosen
    ranks = length_ranks(split.input_lengths[chosen], split.target_lengths[chosen])[0]
    rows = chosen[np.argsort(ranks, kind="stable")]
    begins = cut(split.input_lengths[rows], split.target_lengths[rows], config)
    for begin, end in zip(begins[:-1], begins[1:], strict=True):
        yield rows[begin:end]


def collate(split: Rows, rows: Int[np.ndarray, "rows *documents"]) -> Batch:
    """Rows of a split, each side padded to its longest; several documents a row where `rows` names them."""
    if rows.ndim == 2:
        return _packed(split, rows)
    inputs, targets = zip(*(split.tokens(row) for row in rows.tolist()), strict=True)
    return Batch(stacked(inputs) if split.has_inputs else None, padded(targets))


def stacked(inputs: Sequence[np.ndarray]) -> Tensor:
    """Inputs of whatever kind as `Batch.inputs`."""
    if inputs[0].ndim == 3:
        return torch.from_numpy(np.stack(inputs)).float() / 255
    if inputs[0].ndim == 1:
        return padded(inputs)
    frames = np.zeros((len(inputs), max(map(len, inputs)), inputs[0].shape[1] + 1), dtype=np.float32)
    for row, sound in zip(frames, inputs, strict=True):
        row[: len(sound), :-1], row[: len(sound), -1] = sound, 1
    return torch.from_numpy(frames)


def _packed(split: Rows, rows: Int[np.ndarray, "rows documents"]) -> Batch:
    texts = [[split.tokens(document)[1] for document in row[row >= 0].tolist()] for row in rows]
    numbers = [np.repeat(np.arange(1, len(row) + 1), [len(tokens) for tokens in row]) for row in texts]
    return Batch(None, padded(tuple(map(np.concatenate, texts))), documents=padded(tuple(numbers)))


def padded(sequences: Sequence[np.ndarray]) -> Int[Tensor, "batch length"]:
    """Sequences of ids as one tensor, `PAD` behind each."""
    lengths = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
    padded = np.full((len(sequences), int(lengths.max())), PAD, dtype=np.int64)
    padded[np.arange(padded.shape[1]) < lengths[:, None]] = np.concatenate(sequences)
    return torch.from_numpy(padded)
