"""A moving average of the weights: often better than the last ones, and steadier."""

import torch
from torch import nn

from lengthwise.parallel.tensors import local

FIRST_STEPS = 10
"""The average forgets faster at first: at step t no slower than (1 + t) / (10 + t)."""


class MovingAverage:
    """Of all parameters, divided as they are."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        """Begins at the model's weights."""
        self.decay = decay
        self.tensors = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Move towards the weights after this step."""
        decay = min(self.decay, (1 + step) / (FIRST_STEPS + step))
        weights = [local(parameter) for parameter in model.parameters()]
        torch._foreach_lerp_([local(tensor) for tensor in self.tensors.values()], weights, 1 - decay)
