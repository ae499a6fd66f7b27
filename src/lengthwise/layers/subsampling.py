"""Spectrograms to vectors a quarter as often: what a model of speech reads sounds with."""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from lengthwise.layers.precision import cast_to_compute

REACH = 3
"""Frames that a stride of two reads: one before, its own and one behind."""


class Subsampling(nn.Module):
    """Two convolutions over time with stride 2, as matrices over three frames; padding stays 0."""

    def __init__(self, channels: int, d_model: int) -> None:
        super().__init__()
        self.first = nn.Linear(REACH * channels, d_model)
        self.second = nn.Linear(REACH * d_model, d_model)

    def forward(
        self, sounds: Float[Tensor, "batch frames channels"]
    ) -> tuple[Float[Tensor, "batch quarter d_model"], Bool[Tensor, "batch quarter"]]:
        """Vectors and which are real; `sounds` as in `Batch.inputs`."""
        is_real = sounds[..., -1] > 0
        x = cast_to_compute(sounds[..., :-1])
        for layer in (self.first, self.second):
            is_real = is_real[:, ::2]
            x = F.gelu(layer(threes(x))) * is_real[..., None]
        return x, is_real


def threes(x: Float[Tensor, "batch length channels"]) -> Float[Tensor, "batch half three_channels"]:
    """Every second position with its neighbours beside it; zeros stand outside."""
    length = x.shape[1]
    padded = F.pad(x, (0, 0, 1, 1 + length % 2))
    half = (length + 1) // 2
    return torch.cat([padded[:, begin : begin + 2 * half : 2] for begin in range(REACH)], -1)
