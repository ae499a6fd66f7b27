"""Copying: a next token may be one of the inputs, found by attention ("Get To The Point", See et al. 2017, 1704.04368).

The attention that finds it is one of its own, not a layer's: what a layer reads is not what is to be written next.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lengthwise.contracts import PAD, Copies
from lengthwise.layers.masks import HIDDEN


class Gate(nn.Linear):
    """One number of a vector; no matrix to an optimizer."""

    role = "vector"


class CopyHead(nn.Module):
    """Which of the inputs would be copied, and whether any is."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.queries = nn.Linear(d_model, d_model, bias=False)
        self.keys = nn.Linear(d_model, d_model, bias=False)
        """`[batch, source_len, d_model]` of a memory, computed once, however often it is asked."""
        self.gate = Gate(d_model, 1)

    def forward(
        self,
        hidden: Float[Tensor, "batch target_len d_model"],
        keys: Float[Tensor, "batch source_len d_model"],
        inputs: Int[Tensor, "batch source_len"],
    ) -> Copies:
        """At full precision from the scores on; padding is never copied."""
        scores = self.queries(hidden) * hidden.shape[-1] ** -0.5 @ keys.transpose(1, 2)
        exact = torch.promote_types(scores.dtype, torch.float32)
        scores = scores.to(exact).masked_fill((inputs == PAD)[:, None], HIDDEN)
        return Copies(self.gate(hidden)[:, :, 0].to(exact), scores.log_softmax(-1), inputs)
