"""AdaMax as the diagonal Neural GPU was trained with it (Freivalds and Liepins 2017; Kingma and Ba 2015, section 7.1).

Differences from Kingma and Ba: no bias correction, a norm that forgets ever more slowly as training goes on, and
gradients clipped, entry by entry, to a little more than the largest one of late.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from lengthwise.parallel.tensors import local

CLIP_FACTOR, CLIP_MARGIN = 1.2, 1e-4
DECAY, HALF_LIFE = 0.01, 2000
"""The norm forgets 1 % a step at first, half as much after each `HALF_LIFE` steps, never less than 1 - beta 2."""
EPSILON = 1e-8


class ClippedAdaMax(torch.optim.Optimizer):
    """One step moves each entry by at most about the learning rate."""

    def __init__(self, parameters: Iterable[dict[str, Any]], lr: float, betas: tuple[float, float]) -> None:
        """Of parameter groups as `torch.optim`'s."""
        super().__init__(parameters, {"lr": lr, "betas": betas})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update all parameters that have a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, local(parameter.grad), group)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state, learning_rate = self.state[parameter], group["lr"]
        if not state:
            state["step"] = torch.zeros(())
            state["exp_avg"] = torch.zeros_like(parameter)
            state["exp_inf"] = torch.zeros_like(parameter)
        mean, largest, step = local(state["exp_avg"]), local(state["exp_inf"]), float(state["step"])
        first, second = group["betas"]
        second = 1 - max(1 - second, DECAY * 0.5 ** (step / HALF_LIFE))
        if step:
            bound = largest * CLIP_FACTOR + CLIP_MARGIN
            gradient = gradient.clamp(-bound, bound)
        mean.lerp_(gradient, 1 - first)
        torch.maximum(largest.mul_(second), gradient.abs(), out=largest)
        local(parameter).addcdiv_(mean, largest + EPSILON, value=-learning_rate)
        state["step"] += 1
