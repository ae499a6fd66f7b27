"""The loss by position in the context: what a model makes of what it has read."""

from dataclasses import dataclass

import numpy as np
import torch

from lengthwise.contracts import Model
from lengthwise.data.batching import BatchConfig
from lengthwise.data.loader import collate, sequential
from lengthwise.data.pieces import Pieces, Rows
from lengthwise.losses import position_losses
from lengthwise.runtime import Runtime

MANY = 30
"""Texts that an interval can be told from."""


@dataclass(frozen=True)
class Curve:
    """Mean losses of bins of positions, each twice as wide as the one before."""

    begins: list[int]
    """First position of each bin, counted from 0."""
    nll: list[float]
    """Nats per token."""
    margins: list[float]
    """Half of the 95 % interval, tokens of one text (of one piece, where texts are few) counting as dependent."""
    num_tokens: list[int]


def by_position(model: Model, rows: Rows, runtime: Runtime) -> Curve:
    """Teacher-forced losses of all rows of a split by their position in the row, log-softmax in fp32."""
    edges = _edges(int(rows.target_lengths.max(initial=1)))
    texts = rows.rows if isinstance(rows, Pieces) and len(rows.split) >= MANY else np.arange(len(rows))
    sums = np.zeros((int(texts.max(initial=0)) + 1, len(edges) - 1))
    counts = np.zeros_like(sums)
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), runtime.autocast():
            for chosen in sequential(rows, BatchConfig()):
                batch = collate(rows, chosen).to(runtime.device)
                losses = position_losses(model(batch), batch).cpu().numpy()
                summed = np.add.reduceat(losses, edges[:-1][edges[:-1] < losses.shape[1]], axis=1)
                begins, ends = edges[:-1], np.minimum(edges[1:], rows.target_lengths[chosen][:, None])
                np.add.at(sums[:, : summed.shape[1]], texts[chosen], summed)
                np.add.at(counts, texts[chosen], np.maximum(0, ends - begins))
    finally:
        model.train(was_training)
    totals = counts.sum(0)
    means = sums.sum(0) / totals
    # The variance of a ratio of sums over texts.
    spread = np.sqrt(np.square(sums - means * counts).sum(0)) / totals
    return Curve(edges[:-1].tolist(), means.tolist(), (1.96 * spread).tolist(), totals.astype(int).tolist())


def _edges(longest: int) -> np.ndarray:
    """0, 1, 2, 4, 8 and so on, up to the longest row."""
    powers = 2 ** np.arange(int(longest).bit_length() + 1)
    return np.array([0, *powers[powers < longest], longest])
