"""A problem's training batches by global index, of whatever kind its rows are."""

from collections.abc import Callable

import numpy as np

from lengthwise.contracts import Batch
from lengthwise.data.batching import BatchConfig
from lengthwise.data.fresh import Fresh
from lengthwise.data.loader import Loader
from lengthwise.data.mixture import Draws
from lengthwise.data.order import Epochs, MixedOrder, Order
from lengthwise.data.packing import PackedOrder
from lengthwise.data.pieces import as_read
from lengthwise.data.prepared import Prepared
from lengthwise.data.problem import Problem
from lengthwise.data.sources.generated.task import Generated
from lengthwise.world import Share

Batches = Callable[[int, Share], Batch]


def training_batches(
    problem: Problem,
    prepared: Prepared,
    config: BatchConfig,
    seed: int,
    accumulate: int = 1,
    curriculum: Callable[[], int | None] = lambda: None,
) -> Batches:
    """Index and share to batch: of prepared rows, or computed when asked for.

    `accumulate`: batches an update; `curriculum`: the longest example that the model wants now, if it says.
    """

    def longest_at(step: int) -> int | None:
        return config.longest_at(step // accumulate, problem.max_length)

    if isinstance(problem.source, Generated):
        assert prepared.inputs is not None
        fresh = Fresh(problem.source, prepared.inputs, prepared.targets, config, seed)
        return lambda step, share: fresh.batch(step, _shortest(curriculum(), longest_at(step))).shared(share)
    split = as_read(prepared.split("train"), problem)

    def order(rows: slice | np.ndarray) -> Epochs:
        targets = split.target_lengths[rows]
        if config.packed:
            return PackedOrder(targets, config, seed, problem.max_length)
        return Order(split.input_lengths[rows], targets, config, seed)

    if problem.mixture is None:
        loader = Loader(split, order(slice(None)), problem.augmentation, seed)
        return lambda step, share: loader.batch(step, share, longest_at(step))
    parts = [np.flatnonzero(split.parts == number) for number in range(len(problem.parts))]
    orders = [(rows, order(rows)) for rows in parts]
    draws = Draws(problem.mixture.shares([len(rows) for rows in parts]), seed)
    mixed = Loader(split, MixedOrder(orders, draws, accumulate))
    return lambda step, share: mixed.batch(step, share, longest_at(step))


def _shortest(*lengths: int | None) -> int | None:
    return min((length for length in lengths if length is not None), default=None)
