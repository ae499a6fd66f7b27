"""Normalisations over the last dimension, safe for low-precision activations beside full-precision weights."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class LayerNorm(nn.Module):
    """Layer normalisation (Ba et al. 2016, arXiv 1607.06450); without bias where `use_bias` is false."""

    def __init__(self, d_model: int, use_bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model)) if use_bias else None

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """Result in the type of `x`."""
        bias = None if self.bias is None else self.bias.to(x.dtype)
        return F.layer_norm(x, self.weight.shape, self.weight.to(x.dtype), bias, 1e-6)


class RMSNorm(nn.Module):
    """Division by the root of the mean square (Zhang and Sennrich 2019, arXiv 1910.07467)."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """Result in the type of `x`."""
        return F.rms_norm(x, self.weight.shape, self.weight.to(x.dtype), 1e-6)
