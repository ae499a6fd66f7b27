"""Where a token stands."""

import torch
from jaxtyping import Float
from torch import Tensor


def sinusoids(length: int, d_model: int, device: torch.device | None = None) -> Float[Tensor, "length d_model"]:
    """Sines on even and cosines on odd channels, wavelengths 2π to 10000·2π (Vaswani et al. 2017, section 3.5)."""
    position = torch.arange(length, device=device, dtype=torch.float32)[:, None]
    frequency = 10_000.0 ** (-torch.arange(0, d_model, 2, device=device, dtype=torch.float32) / d_model)
    angle = position * frequency
    return torch.stack((angle.sin(), angle.cos()), dim=-1).reshape(length, -1)[:, :d_model]
