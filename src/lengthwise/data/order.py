"""Which rows the n-th batch of training holds: a pure function of lengths, configuration, seed and n."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from lengthwise.data.batching import BatchConfig, Lengths, cut, jittered, length_ranks, padded_tokens, padding_waste
from lengthwise.data.mixture import Draws

# How many more batches an epoch has than a cut needs: room for epochs whose cut needs more; others halve some batches.
SPARE_BATCHES = 0.01


class Epochs(ABC):
    """Batches without end, epoch after epoch of the same number of them.

    The same on any number of ranks and workers: those share out the rows of a global batch, not the batches.
    """

    def __init__(self, seed: int, batches_per_epoch: int) -> None:
        self.seed, self.batches_per_epoch = seed, batches_per_epoch
        self._cached: tuple[int, list[np.ndarray]] = (-1, [])

    def epoch_of(self, step: int) -> tuple[int, int]:
        """Epoch and position in it of a global batch index."""
        if step < 0:
            raise ValueError(f"`step` must be at least 0, but is {step}.")
        return divmod(step, self.batches_per_epoch)

    def indices(self, step: int, longest: int | None = None) -> Int[np.ndarray, "rows *documents"]:
        """Rows of the global batch `step`, which runs on over epochs; `longest`: tokens a side, if that can be had."""
        epoch, position = self.epoch_of(step)
        return self.epoch(epoch)[position]

    def epoch(self, number: int) -> list[np.ndarray]:
        """All batches of an epoch; the last one asked for is kept."""
        if self._cached[0] != number:
            self._cached = (number, self._build(number))
        return self._cached[1]

    @abstractmethod
    def padding_waste(self, epoch: int = 0) -> float:
        """Share of an epoch's positions that hold padding, both sides together."""

    @abstractmethod
    def _build(self, number: int) -> list[np.ndarray]:
        """All batches of an epoch, from its number and the seed alone."""


class Order(Epochs):
    """Batches of rows of similar length: each row once an epoch, each epoch cut and shuffled anew."""

    def __init__(self, input_lengths: Lengths, target_lengths: Lengths, config: BatchConfig, seed: int) -> None:
        """Lengths include EOS; source lengths are zeros where a problem has no inputs."""
        if not len(target_lengths):
            raise ValueError("`target_lengths` must have at least one row, but is empty.")
        self.input_lengths = np.asarray(input_lengths, dtype=np.int64)
        self.target_lengths = np.asarray(target_lengths, dtype=np.int64)
        self.config = config
        self._ranks = length_ranks(self.input_lengths, self.target_lengths)
        self._neighbours = config.jitter * config.budget / np.maximum(1, self.input_lengths + self.target_lengths)
        # The cut without jitter never needs more batches than here, one with jitter seldom.
        random = np.random.default_rng(seed)
        drawn = [self._drawn(random, 0, has_short_start=False)[1], self._drawn(random, self._neighbours)[1]]
        least = max(len(begins) - 1 for begins in drawn)
        super().__init__(seed, min(least + int(SPARE_BATCHES * least), len(self.target_lengths)))
        self._lengths_cached: tuple[int, np.ndarray] = (-1, np.zeros(0, dtype=np.int64))

    def padding_waste(self, epoch: int = 0) -> float:
        """Share of an epoch's positions that hold padding, both sides together."""
        return padding_waste(self.input_lengths, self.target_lengths, self.epoch(epoch))

    def indices(self, step: int, longest: int | None = None) -> Int[np.ndarray, " rows"]:
        """As of all orders; with `longest`, of the epoch's batches that short in turn, or else of its shortest one."""
        if longest is None:
            return super().indices(step)
        number = self.epoch_of(step)[0]
        batches, lengths = self.epoch(number), self._longest_rows(number)
        short = np.flatnonzero(lengths <= max(longest, int(lengths.min())))
        return batches[short[step % len(short)]]

    def _longest_rows(self, number: int) -> np.ndarray:
        """Tokens of the longer side of the longest row of each batch of an epoch; the last one asked for is kept."""
        if self._lengths_cached[0] != number:
            lengths = np.maximum(self.input_lengths, self.target_lengths)
            self._lengths_cached = number, np.array([int(lengths[rows].max()) for rows in self.epoch(number)])
        return self._lengths_cached[1]

    def _build(self, number: int) -> list[np.ndarray]:
        random = np.random.default_rng([self.seed, number])
        rows, begins = self._drawn(random, self._neighbours)
        if len(begins) - 1 > self.batches_per_epoch:
            rows, begins = self._drawn(random, 0, has_short_start=False)
        batches = np.split(rows, self._filled_up(rows, begins)[1:-1])
        return [batches[i] for i in random.permutation(len(batches))]

    def _drawn(
        self, random: np.random.Generator, neighbours: np.ndarray | int, *, has_short_start: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows in a jittered order and where its batches begin; a first batch of random size moves all other cuts."""
        rows = jittered(self._ranks, neighbours, random)
        if not (has_short_start and self.config.jitter):
            return rows, self._cut(rows)
        start = 1 + int(random.integers(self._cut(rows[: self.config.max_rows])[1]))
        begins = np.concatenate([[0], start + self._cut(rows[start:])])
        return rows, begins

    def _cut(self, rows: np.ndarray) -> np.ndarray:
        return cut(self.input_lengths[rows], self.target_lengths[rows], self.config)

    def _filled_up(self, rows: np.ndarray, begins: np.ndarray) -> np.ndarray:
        """Halve the largest batches until there are as many as every epoch has."""
        while (missing := self.batches_per_epoch - len(begins) + 1) > 0:
            sizes = padded_tokens(self.input_lengths[rows], self.target_lengths[rows], begins)
            sizes[np.diff(begins) < 2] = -1
            chosen = np.argsort(-sizes, kind="stable")[:missing]
            chosen = chosen[sizes[chosen] >= 0]
            begins = np.sort(np.concatenate([begins, (begins[chosen] + begins[chosen + 1]) // 2]))
        return begins


class MixedOrder:
    """Batches of several parts of a data set, each with an order of its own; those of an update are of one part."""

    def __init__(
        self, orders: Sequence[tuple[Int[np.ndarray, " _rows"], Epochs]], draws: Draws, accumulate: int = 1
    ) -> None:
        """For each part its rows and their order among themselves; which part each update is of; batches an update."""
        self._orders, self._draws, self._accumulate = orders, draws, accumulate

    def indices(self, step: int, longest: int | None = None) -> Int[np.ndarray, "rows *documents"]:
        """Rows of the global batch `step`."""
        part, number = self._draws.draw(step // self._accumulate)
        rows, order = self._orders[part]
        chosen = order.indices(number * self._accumulate + step % self._accumulate, longest)
        return np.where(chosen < 0, chosen, rows[chosen])
