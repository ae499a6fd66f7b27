"""Rows that hold several documents: little padding, and which document stands beside which does not matter."""

from bisect import bisect_left

import numpy as np
from jaxtyping import Int

from lengthwise.data.batching import BatchConfig, Lengths
from lengthwise.data.order import Epochs

NONE = -1
"""Where a row holds fewer documents than the fullest one."""


class PackedOrder(Epochs):
    """Batches of rows that hold several whole documents each; `indices` are `[rows, slots]`, `NONE` behind each.

    The lengths that share a row are chosen once. Every epoch, documents of equal length change places and rows change
    batches: as no document sees another of its row, that is as good as packing anew.
    """

    def __init__(self, lengths: Lengths, config: BatchConfig, seed: int, capacity: int) -> None:
        """Lengths include EOS and are at most `capacity`, the tokens of a row."""
        if not len(lengths):
            raise ValueError("`lengths` must have at least one row, but is empty.")
        self.lengths, self.capacity = np.asarray(lengths, dtype=np.int64), capacity
        self._packed = packed(self.lengths, capacity)
        self._num_rows = max(1, config.budget // capacity)
        super().__init__(seed, -(-len(self._packed) // self._num_rows))

    def padding_waste(self, epoch: int = 0) -> float:
        """Share of positions that hold padding where every row is as long as it may be."""
        return 1 - int(self.lengths.sum()) / (len(self._packed) * self.capacity)

    def _build(self, number: int) -> list[np.ndarray]:
        random = np.random.default_rng([self.seed, number])
        rows = self._exchanged(random)[random.permutation(len(self._packed))]
        return np.split(rows, range(self._num_rows, len(rows), self._num_rows))

    def _exchanged(self, random: np.random.Generator) -> np.ndarray:
        """The rows with each document replaced by one of the same length."""
        sorted_rows = np.argsort(self.lengths, kind="stable")
        shuffled = np.lexsort((random.random(len(self.lengths)), self.lengths))
        other = np.empty(len(self.lengths) + 1, dtype=np.int64)
        other[sorted_rows], other[NONE] = shuffled, NONE
        return other[self._packed]


def packed(lengths: Int[np.ndarray, " documents"], capacity: int) -> Int[np.ndarray, "rows slots"]:
    """Documents by rows of at most `capacity` tokens: longest first, each where it leaves least room (best fit).

    `NONE` behind the last document of a row. ValueError where one is longer than a row.
    """
    if int(lengths.max(initial=0)) > capacity:
        raise ValueError(f"A document must have at most {capacity} tokens to be packed, but has {int(lengths.max())}.")
    rows: list[list[int]] = []
    # The rooms that rows have left, sorted, and the rows with each.
    rooms, rows_of = list[int](), dict[int, list[int]]()
    for document in np.argsort(-lengths, kind="stable").tolist():
        length = int(lengths[document])
        at = bisect_left(rooms, length)
        if at == len(rooms):
            row, room = len(rows), capacity
            rows.append([])
        else:
            room = rooms[at]
            row = rows_of[room].pop()
            if not rows_of[room]:
                del rows_of[room], rooms[at]
        rows[row].append(document)
        if left := room - length:
            if left not in rows_of:
                rooms.insert(bisect_left(rooms, left), left)
                rows_of[left] = []
            rows_of[left].append(row)
    counts = np.array([len(row) for row in rows])
    found = np.full((len(rows), int(counts.max(initial=0))), NONE)
    found[np.arange(found.shape[1]) < counts[:, None]] = np.concatenate([np.array(row) for row in rows])
    return found
