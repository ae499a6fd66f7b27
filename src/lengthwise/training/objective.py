"""A model together with its loss, as the one module that is spread over processes."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from lengthwise.contracts import Batch, Counts, Model

Loss = Callable[[Model, Batch, Counts], Any]
"""Model, batch and the counts of the update to `losses.LossSum`: `total` and `nll` summed over real target tokens,
`num_tokens`, and the model's `statistics`."""


class Objective(nn.Module):
    """What training differentiates. The loss belongs to it because it uses parameters: the head's."""

    def __init__(self, model: Model, loss: Loss) -> None:
        super().__init__()
        self.model = model
        self.loss = loss

    def forward(self, batch: Batch, counts: Counts) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """`total`, `nll` and `statistics` of the loss; zeros, with zero gradients, and nothing for spare rows."""
        summed = self.loss(self.model, batch, counts)
        if batch.is_spare:
            return summed.total * 0, summed.nll * 0, {}
        return summed.total, summed.nll, summed.statistics
