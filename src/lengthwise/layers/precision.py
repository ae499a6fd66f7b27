"""The number format of activations."""

import torch
from torch import Tensor


def cast_to_compute(x: Tensor) -> Tensor:
    """`x` in autocast's type where autocast is on: a residual stream in bf16 spares a copy before every product."""
    device = x.device.type
    if device == "meta" or not torch.is_autocast_enabled(device):
        return x
    return x.to(torch.get_autocast_dtype(device))
