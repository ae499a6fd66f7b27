"""Rows too long to be read at once, as pieces that are."""

from typing import SupportsIndex

import numpy as np

from lengthwise.data.problem import Problem
from lengthwise.data.shards import Split


class Pieces:
    """The rows of a split without inputs, each cut into pieces of `length` tokens and one of the rest."""

    has_inputs = False

    def __init__(self, split: Split, length: int) -> None:
        self.split, self.length = split, length
        counts = -(-split.target_lengths // length)
        self.rows = np.repeat(np.arange(len(split)), counts)
        """Int64 `[num_pieces]`: of which row each piece is."""
        self.begins = (np.arange(len(self.rows)) - np.repeat(np.cumsum(counts) - counts, counts)) * length
        """Int64 `[num_pieces]`: the place of its first token in the row."""
        self.target_lengths = np.minimum(split.target_lengths[self.rows] - self.begins, length)
        self.input_lengths = np.zeros_like(self.target_lengths)
        self.parts = split.parts[self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    def tokens(self, piece: SupportsIndex) -> tuple[np.ndarray, np.ndarray]:
        """As of a split."""
        inputs, targets = self.split.tokens(self.rows[piece])
        begin = self.begins[piece]
        return inputs, targets[begin : begin + self.length]


Rows = Split | Pieces
"""What batches are made of."""


def as_read(split: Split, problem: Problem, length: int | None = None) -> Rows:
    """The rows as a model reads them; `length`: of pieces, where it is another than the problem's."""
    return Pieces(split, length or problem.max_length) if problem.is_cut else split
