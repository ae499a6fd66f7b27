"""Normalisations over the last dimension, safe for low-precision activations beside full-precision weights."""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

EPSILON = 1e-6
"""Added to the mean of squares."""


class LayerNorm(nn.Module):
    """Layer normalisation (Ba et al. 2016, arXiv 1607.06450); without bias where `use_bias` is false."""

    def __init__(self, d_model: int, use_bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model)) if use_bias else None

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """Result in the type of `x`."""
        bias = None if self.bias is None else self.bias.to(x.dtype)
        return F.layer_norm(x, self.weight.shape, self.weight.to(x.dtype), bias, EPSILON)


class RMSNorm(nn.Module):
    """Division by the root of the mean square (Zhang and Sennrich 2019, arXiv 1910.07467)."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """Result in the type of `x`."""
        if x.device.type == "cpu" and not torch.compiler.is_compiling():
            normed = FewPasses.apply(x, self.weight)
            assert isinstance(normed, Tensor)
            return normed
        return F.rms_norm(x, self.weight.shape, self.weight.to(x.dtype), EPSILON)


class FewPasses(torch.autograd.Function):
    """RMSNorm for CPUs, where torch composes it of many passes over memory: a third of the time, both ways together.

    With n = x / rms(x) and y = n w, the gradient of x is (g w - n mean(g w n)) / rms(x).
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:  # type: ignore[override]
        """Shapes as in `RMSNorm`."""
        exact = torch.promote_types(x.dtype, torch.float32)
        mean = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=exact).square() / x.shape[-1]
        scale = (mean + EPSILON).rsqrt().to(x.dtype)
        normed = x * scale
        ctx.save_for_backward(normed, scale, weight)
        return normed * weight.to(x.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Gradients of both."""
        normed, scale, weight = ctx.saved_tensors
        exact = torch.promote_types(gradient.dtype, torch.float32)
        d_weight = (gradient * normed).flatten(0, -2).sum(0, dtype=exact).to(weight.dtype)
        weighted = gradient * weight.to(gradient.dtype)
        mean = torch.linalg.vecdot(weighted, normed)[..., None] / normed.shape[-1]
        return torch.addcmul(weighted, normed, mean, value=-1).mul_(scale), d_weight
