"""The position-wise network of a Transformer block."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class FeedForward(nn.Module):
    """`outer(relu(inner(x)))` (Vaswani et al. 2017, section 3.3)."""

    def __init__(self, d_model: int, d_ff: int, use_bias: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.inner = nn.Linear(d_model, d_ff, bias=use_bias)
        self.outer = nn.Linear(d_ff, d_model, bias=use_bias)
        self.dropout = dropout

    def forward(self, x: Float[Tensor, "batch length d_model"]) -> Float[Tensor, "batch length d_model"]:
        """The same network at every position."""
        return self.outer(F.dropout(F.relu(self.inner(x)), self.dropout, self.training))
