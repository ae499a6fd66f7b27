"""A whole model on one process beside one that is divided over several: to evaluate and decode without the others."""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from lengthwise.parallel.tensors import whole


class Replica:
    """Remembers what a model is made of before it is spread, and makes whole ones of it."""

    def __init__(self, model: nn.Module) -> None:
        """A model as it was built."""
        self._form = _copied(model, torch.device("meta"))

    def filled(self, weights: Mapping[str, Tensor], model: nn.Module) -> nn.Module:
        """A whole model with these weights, where `model` is and with its buffers.

        All processes call it together; what they do with it is theirs.
        """
        made = _copied(self._form, next(model.parameters()).device)
        # Each shared tensor once.
        own = {**dict(made.named_parameters()), **dict(made.named_buffers())}
        given = {name: whole(weights[name]) for name in own if name in weights}
        with torch.no_grad():
            # Not all buffers are part of the weights.
            for mine, other in zip(made.buffers(), model.buffers(), strict=True):
                mine.copy_(other)
            for name, tensor in given.items():
                own[name].copy_(tensor)
        return made.eval()


def _copied(model: nn.Module, device: torch.device) -> nn.Module:
    """A copy on the device with nothing in its tensors; those that modules share stay shared."""
    memo: dict[int, object] = {}
    for parameter in model.parameters():
        memo[id(parameter)] = nn.Parameter(torch.empty_like(parameter, device=device), parameter.requires_grad)
    for buffer in model.buffers():
        memo[id(buffer)] = torch.empty_like(buffer, device=device)
    return copy.deepcopy(model, memo)
