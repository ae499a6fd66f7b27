"""The position-wise network of a Transformer block."""

from typing import Literal

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from lengthwise.layers.attention import StackedLinear


class FeedForward(nn.Module):
    """`outer(relu(inner(x)))` (Vaswani et al. 2017, section 3.3), or with GELU (Hendrycks and Gimpel 2016)."""

    def __init__(
        self,
        d_model: int,
        d_ff: int,
        use_bias: bool = False,
        dropout: float = 0.0,
        activation: Literal["relu", "gelu"] = "relu",
    ) -> None:
        super().__init__()
        self.inner = nn.Linear(d_model, d_ff, bias=use_bias)
        self.outer = nn.Linear(d_ff, d_model, bias=use_bias)
        self.dropout, self.activate = dropout, F.relu if activation == "relu" else F.gelu

    def forward(self, x: Float[Tensor, "batch length d_model"]) -> Float[Tensor, "batch length d_model"]:
        """The same network at every position."""
        return self.outer(F.dropout(self.activate(self.inner(x)), self.dropout, self.training))


class GatedFeedForward(nn.Module):
    """`outer(silu(gate(x)) * inner(x))`, gate and inner in one matrix (SwiGLU: Shazeer 2020, arXiv 2002.05202)."""

    def __init__(self, d_model: int, d_ff: int, use_bias: bool = False) -> None:
        super().__init__()
        self.inner = StackedLinear(d_model, 2, use_bias, width=d_ff)
        self.outer = nn.Linear(d_ff, d_model, bias=use_bias)

    def forward(self, x: Float[Tensor, "batch length d_model"]) -> Float[Tensor, "batch length d_model"]:
        """The same network at every position."""
        gate, inner = self.inner(x).chunk(2, dim=-1)
        return self.outer(F.silu(gate) * inner)
