"""Adafactor (Shazeer and Stern 2018, arXiv 1804.04235): squares of gradients are remembered by rows and columns.

`torch.optim.Adafactor`'s rule, which can't be divided over processes (torch 2.11 to 2.13).
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from lengthwise.parallel.tensors import like, local, local_rows, whole

FORGETTING = -0.8
"""The n-th step has the weight n ** FORGETTING in what is remembered."""
LEAST_SIZE = 1e-3
"""Steps are relative to a parameter's root mean square, or to this where that is smaller."""


class Adafactor(torch.optim.Optimizer):
    """One step moves a parameter by at most the learning rate times its own size, in the root of the mean square."""

    def __init__(self, parameters: Iterable[dict[str, Any]], lr: float) -> None:
        """Of parameter groups as `torch.optim`'s."""
        super().__init__(parameters, {"lr": lr, "weight_decay": 0.0})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update all parameters that have a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, parameter.grad, group["lr"], group["weight_decay"])

    def _update(self, parameter: Tensor, gradient: Tensor, learning_rate: float, weight_decay: float) -> None:
        state = self.state[parameter]
        state["step"] = state.get("step", torch.zeros(())) + 1
        number = float(state["step"])
        rate = max(LEAST_SIZE, _size(parameter)) * min(learning_rate, number**-0.5)
        local(parameter).mul_(1 - learning_rate * weight_decay)
        least = torch.finfo(gradient.dtype).eps
        estimate = self._remembered(state, gradient, number**FORGETTING, least).clamp(min=least**2)
        direction = local(gradient) * estimate.rsqrt()
        local(parameter).sub_(direction, alpha=rate / max(1.0, _size(like(parameter, direction))))

    def _remembered(self, state: dict[str, Tensor], gradient: Tensor, weight: float, least: float) -> Tensor:
        """The mean square of this process's part of the gradient, now and before."""
        square = gradient.square()
        if gradient.ndim < 2:
            _blend(state, "variance", square, weight)
            return local(state["variance"])
        for name, axis in (("row_var", -1), ("col_var", -2)):
            _blend(state, name, whole(square.mean(axis, keepdim=True)), weight)
        rows, columns = state["row_var"], state["col_var"]
        share = rows / rows.mean(-2, keepdim=True).clamp(min=least)
        # Columns of a matrix are whole in every part of its rows.
        return local_rows(share, gradient) * (columns if gradient.ndim == 2 else local_rows(columns, gradient))


def _blend(state: dict[str, Tensor], name: str, new: Tensor, weight: float) -> None:
    before = state.get(name, torch.zeros_like(new))
    local(before).lerp_(local(new), weight)
    state[name] = before


def _size(tensor: Tensor) -> float:
    """The root of the mean square."""
    return whole(tensor.norm()).item() / tensor.numel() ** 0.5
