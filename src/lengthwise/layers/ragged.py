"""Sequences of different lengths as one matrix without padding: rows of positions, a zero row before and after each."""

from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class Ragged:
    """Where each sequence stands: the longest first, so that those of more than `t` positions are a prefix."""

    order: Int[Tensor, " batch"]
    """Rows of the batch, longest first."""
    lengths: Int[Tensor, " batch"]
    """Their lengths, in this order."""

    @classmethod
    def of(cls, lengths: Int[Tensor, " batch"]) -> "Ragged":
        """A layout for sequences of these lengths."""
        ordered, order = lengths.sort(descending=True, stable=True)
        return cls(order, ordered)

    @cached_property
    def ends(self) -> Int[Tensor, " batch"]:
        """The zero row behind each sequence."""
        return (self.lengths + 1).cumsum(0)

    @cached_property
    def num_rows(self) -> int:
        """Rows of the matrix; the first and the last are zero."""
        return int(self.ends[-1]) + 1

    @cached_property
    def num_steps(self) -> int:
        """As many as the longest sequence has positions."""
        return int(self.lengths[0])

    @cached_property
    def places(self) -> Int[Tensor, " positions"]:
        """Rows of the matrix that hold positions, sequence by sequence."""
        is_position = torch.ones(self.num_rows, dtype=torch.bool, device=self.ends.device)
        is_position[0] = False
        is_position[self.ends] = False
        return is_position.nonzero()[:, 0]

    @cached_property
    def sources(self) -> Int[Tensor, " positions"]:
        """For each of `places` its sequence's row in the batch and its position: `row * longest + position`."""
        rows = self.order.repeat_interleave(self.lengths)
        first = (self.ends - self.lengths).repeat_interleave(self.lengths)
        return rows * self.num_steps + self.places - first

    @cached_property
    def active(self) -> list[tuple[int, int]]:
        """For each step how many sequences are longer than it, and up to which row they reach (exclusive)."""
        counts = (self.lengths[None] > torch.arange(self.num_steps, device=self.lengths.device)[:, None]).sum(1)
        ends = self.ends[counts - 1] + 1
        return list(zip(counts.tolist(), ends.tolist(), strict=True))

    def spread(self, values: Float[Tensor, " batch"]) -> Float[Tensor, " rows"]:
        """One value per sequence, longest first, on all of its positions; 0 between them."""
        return values.new_zeros(self.num_rows).index_copy(0, self.places, values.repeat_interleave(self.lengths))

    def pack(self, padded: Float[Tensor, "batch length channels"]) -> Float[Tensor, "rows channels"]:
        """The matrix of a padded batch (`length` is the longest)."""
        packed = padded.new_zeros(self.num_rows, padded.shape[2])
        return packed.index_copy(0, self.places, padded.flatten(0, 1).index_select(0, self.sources))

    def unpack(self, packed: Float[Tensor, "rows channels"]) -> Float[Tensor, "batch length channels"]:
        """The padded batch of a matrix, zeros behind each sequence."""
        padded = packed.new_zeros(len(self.order) * self.num_steps, packed.shape[1])
        padded = padded.index_copy(0, self.sources, packed.index_select(0, self.places))
        return padded.view(len(self.order), self.num_steps, -1)
