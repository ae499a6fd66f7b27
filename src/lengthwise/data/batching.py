"""Which rows make a batch: rows of similar length on both sides, as many as a budget of padded tokens allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int


@dataclass(frozen=True, kw_only=True)
class BatchConfig:
    """How large a batch is, and how freely each epoch cuts batches anew."""

    tokens: int | Literal["auto"] = 4096
    """Padded source and target positions of a batch; a row that alone has more makes a batch of its own. `auto`: as
    many as fit in memory, found once."""
    max_rows: int = 1024
    packed: bool | Literal["auto"] = "auto"
    """Whether rows are as long as the problem's longest and hold several documents, none of which sees another; for
    problems without inputs. `auto`: wherever model and problem can."""
    jitter: float = 0.1
    """How far a row may move between batches of neighbouring lengths, in batches; costs padding."""
    lengths: tuple[int, ...] = ()
    """For computed examples: the lengths of which every batch holds `rows_per_length`, those within the problem's and
    its longest; without them one at random."""
    rows_per_length: int | tuple[int, ...] = 32
    """One number for all lengths, or one for each."""
    warmup_steps: int = 0
    """Updates over which the longest row that is trained on grows from `warmup_length` to the problem's longest: until
    then the batches that are short enough come in turn, and rows of several documents are cut."""
    warmup_length: int = 16
    share_shorter: float = 0.05
    """Of the rows of a length, how many are drawn shorter: from the problem's shortest examples on."""

    def __post_init__(self) -> None:
        for name, least in (("tokens", 2), ("max_rows", 1), ("jitter", 0), ("warmup_steps", 0), ("warmup_length", 2)):
            if getattr(self, name) != "auto" and getattr(self, name) < least:
                raise ValueError(f"`batch.{name}` must be at least {least}, but is {getattr(self, name)}.")
        rows = self.rows_per_length
        if min((rows,) if isinstance(rows, int) else rows, default=0) < 1:
            raise ValueError(f"`batch.rows_per_length` must be at least 1, but is {rows}.")
        if not 0 <= self.share_shorter <= 1:
            raise ValueError(f"`batch.share_shorter` must be from 0 to 1, but is {self.share_shorter}.")

    @property
    def budget(self) -> int:
        """`tokens`, once they are a number."""
        assert self.tokens != "auto", "`batch.tokens=auto` must be resolved before batches are made."
        return self.tokens

    def longest_at(self, step: int, max_length: int) -> int | None:
        """Most tokens a side of the rows of an update, counted from 0; None where all are taken."""
        if step >= self.warmup_steps or max_length <= self.warmup_length:
            return None
        return self.warmup_length + (max_length - self.warmup_length) * step // self.warmup_steps

    def rows_by_length(self, least: int, most: int) -> dict[int, int]:
        """How many rows of each fixed length a batch has: of those within these bounds, and of the longest."""
        rows = self.rows_per_length
        # Not known before both are set.
        if not isinstance(rows, int) and len(rows) != len(self.lengths):
            raise ValueError(
                f"`batch.rows_per_length` must be one number or as many as `batch.lengths`, which has "
                f"{len(self.lengths)}, but has {len(rows)}."
            )
        numbers = (rows,) * len(self.lengths) if isinstance(rows, int) else rows
        found = {length: number for length, number in zip(self.lengths, numbers, strict=True) if length <= most}
        found.setdefault(most, numbers[-1])
        return {length: found[length] for length in sorted(found) if length >= least}


Lengths = Int[np.ndarray, " rows"]


def length_ranks(input_lengths: Lengths, target_lengths: Lengths) -> tuple[Lengths, Lengths]:
    """For each row where rows with its two lengths begin in the sorted order, and how many they are.

    Sorted by the longer side, and within that by how much longer one side is, upwards and downwards in turns, so that
    neighbours differ little in both. (Measured on 33k LibreOffice pairs, 4096 tokens a batch: 3.6 % padding; sorted by
    source and then target 9.4 %, by the sum 11.1 %, along a Hilbert curve 4.4 %.)
    """
    longer = np.maximum(input_lengths, target_lengths).astype(np.int64)
    difference = input_lengths.astype(np.int64) - target_lengths
    span = 2 * int(longer.max(initial=0)) + 1
    cells = longer * span + np.where(longer % 2, difference, -difference)
    _, cell, counts = np.unique(cells, return_inverse=True, return_counts=True)
    begins = np.cumsum(counts) - counts
    return begins[cell], counts[cell]


def cut(input_lengths: Lengths, target_lengths: Lengths, config: BatchConfig) -> Int[np.ndarray, " batches_and_one"]:
    """Where batches begin when rows are taken in this order until the budget is full, and the number of rows."""
    both = np.stack([input_lengths, target_lengths]).astype(np.int64)
    begins, num_rows = [0], both.shape[1]
    while (begin := begins[-1]) < num_rows:
        # No more rows fit than if all were as short as the first.
        most = min(config.max_rows, config.budget // max(1, int(both[:, begin].sum())))
        longest = np.maximum.accumulate(both[:, begin : begin + most], axis=1).sum(axis=0)
        is_within = longest * np.arange(1, len(longest) + 1) <= config.budget
        begins.append(begin + max(1, int(is_within.sum())))
    return np.array(begins)


def padded_tokens(
    input_lengths: Lengths, target_lengths: Lengths, begins: Int[np.ndarray, " batches_and_one"]
) -> Int[np.ndarray, " batches"]:
    """Positions of each batch, padding included, both sides together."""
    if len(begins) < 2:
        return np.zeros(0, dtype=np.int64)
    longest = [
        np.maximum.reduceat(lengths, begins[:-1]).astype(np.int64) for lengths in (input_lengths, target_lengths)
    ]
    return (longest[0] + longest[1]) * np.diff(begins)


def padding_waste(input_lengths: Lengths, target_lengths: Lengths, batches: Sequence[np.ndarray]) -> float:
    """Share of all positions that hold padding, both sides together."""
    if not batches:
        return 0.0
    rows = np.concatenate(batches)
    begins = np.cumsum([0, *map(len, batches)])
    padded = int(padded_tokens(input_lengths[rows], target_lengths[rows], begins).sum())
    real = int(input_lengths[rows].sum(dtype=np.int64) + target_lengths[rows].sum(dtype=np.int64))
    return 1 - real / padded if padded else 0.0


def jittered(
    ranks: tuple[Lengths, Lengths], num_neighbours: Float[np.ndarray, " rows"] | int, random: np.random.Generator
) -> Lengths:
    """Rows in sorted order, shuffled within equal lengths and moved by up to `num_neighbours` rows either way."""
    begins, counts = ranks
    moves = random.uniform(-1, 1, len(begins)) * num_neighbours
    return np.argsort(begins + random.random(len(begins)) * counts + moves, kind="stable")
