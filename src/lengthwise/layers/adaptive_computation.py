"""Adaptive computation time per position (Graves 2016, arXiv 1603.08983; Dehghani et al. 2019, arXiv 1807.03819).

Difference: a position that has not halted at the last step halts there with what is left of its probability.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

Averaging = Literal["interpolation", "sum"]
"""How the states of a position's steps make its output: by running interpolation, as the Universal Transformer's code
does, s ← w·new + (1 − w)·s; or as Graves' sum, s ← s + w·new."""

THRESHOLD = 0.99
"""A position halts when its summed probabilities exceed this (1 − ε)."""


@dataclass(frozen=True)
class Pondering:
    """Where each position stands after some steps; all are `[batch, length]` but the last."""

    halting: Float[Tensor, "batch length"]
    """Summed probabilities."""
    remainders: Float[Tensor, "batch length"]
    num_steps: Float[Tensor, "batch length"]
    output: Float[Tensor, "batch length d_model"]

    @classmethod
    def of(
        cls, state: Float[Tensor, "batch length d_model"], is_real: Bool[Tensor, "batch length"] | None = None
    ) -> "Pondering":
        """Before the first step; what is not real has halted already."""
        zeros = state.new_zeros(state.shape[:2], dtype=torch.promote_types(state.dtype, torch.float32))
        halting = zeros if is_real is None else (~is_real).to(zeros.dtype)
        return cls(halting, zeros, zeros, torch.zeros_like(state))

    @property
    def is_running(self) -> Bool[Tensor, "batch length"]:
        """Positions that have not halted."""
        return self.halting < 1

    @property
    def is_over(self) -> bool:
        """Whether all have halted; never where there are shapes alone."""
        return not self.halting.is_meta and not bool(self.is_running.any())

    @property
    def cost(self) -> Float[Tensor, "batch length"]:
        """Steps plus remainder: what the ponder cost is the mean of."""
        return self.num_steps + self.remainders


class Halting(nn.Module):
    """The probability to halt, from the state that a step begins with."""

    def __init__(self, d_model: int, averaging: Averaging) -> None:
        super().__init__()
        self.dense = nn.Linear(d_model, 1)
        self.averaging = averaging
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Halting is likely at first: a bias of 1."""
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.ones_(self.dense.bias)

    def forward(
        self,
        pondering: Pondering,
        before: Float[Tensor, "batch length d_model"],
        after: Float[Tensor, "batch length d_model"],
        *,
        is_last: bool,
    ) -> Pondering:
        """One step further: `before` is what the step read, `after` what it made of that."""
        running = pondering.is_running
        probability = torch.sigmoid(self.dense(before)[..., 0].to(pondering.halting.dtype))
        reaches = pondering.halting + probability > THRESHOLD
        is_halting = running & (reaches | is_last)
        goes_on = running & ~is_halting
        remainder = torch.where(is_halting, 1 - pondering.halting, 0)
        weight = torch.where(goes_on, probability, 0) + remainder
        share = weight[..., None].to(after.dtype)
        kept = pondering.output if self.averaging == "sum" else (1 - share) * pondering.output
        return Pondering(
            # Exactly 1 where a position halts: rounding must not start it again.
            halting=torch.where(is_halting, 1.0, pondering.halting + torch.where(goes_on, probability, 0)),
            remainders=pondering.remainders + remainder,
            num_steps=pondering.num_steps + running.to(pondering.num_steps.dtype),
            output=torch.where(running[..., None], kept + share * after, pondering.output),
        )
