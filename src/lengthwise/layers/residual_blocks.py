"""Convolutions over images with norms and shortcuts: what residual networks are built of, and other models see with."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

Image = Float[Tensor, "batch channels height width"]


class GroupNorm(nn.Module):
    """Group normalisation (Wu and He 2018, arXiv 1803.08494): examples of a batch do not see each other."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(channels // 8, channels)

    def forward(self, x: Image) -> Image:
        """In the type of `x`."""
        norm = self.norm
        return F.group_norm(x, norm.num_groups, norm.weight.to(x.dtype), norm.bias.to(x.dtype), norm.eps)


class Convolution(nn.Module):
    """Over all channels at once; its weight is a matrix of `[outputs, inputs · size · size]`, as Muon reads it."""

    def __init__(self, inputs: int, outputs: int, size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.size, self.stride = size, stride
        self.weight = nn.Parameter(torch.empty(outputs, inputs * size * size))
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")

    def forward(self, x: Image) -> Float[Tensor, "batch outputs new_height new_width"]:
        """Zeros stand around the image."""
        kernel = self.weight.view(len(self.weight), -1, self.size, self.size)
        return F.conv2d(x, kernel, stride=self.stride, padding=self.size // 2)


def convolution(inputs: int, outputs: int, stride: int, is_separable: bool) -> nn.Module:
    """3 x 3, over all channels at once or over each before they are mixed."""
    if not is_separable:
        return Convolution(inputs, outputs, stride=stride)
    apart = nn.Conv2d(inputs, inputs, 3, stride, padding=1, groups=inputs, bias=False)
    return nn.Sequential(apart, Convolution(inputs, outputs, 1))


class Block(nn.Module):
    """x + two convolutions, each behind a norm and ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int, is_separable: bool) -> None:
        super().__init__()
        self.first_norm, self.second_norm = GroupNorm(inputs), GroupNorm(outputs)
        self.first = convolution(inputs, outputs, stride, is_separable)
        self.second = convolution(outputs, outputs, 1, is_separable)
        is_same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if is_same else Convolution(inputs, outputs, 1, stride)

    def forward(self, x: Image) -> Float[Tensor, "batch outputs half_height half_width"]:
        """One block, at half the resolution where its stride is 2."""
        entered = F.relu(self.first_norm(x))
        shortcut = x if isinstance(self.shortcut, nn.Identity) else self.shortcut(entered)
        return shortcut + self.second(F.relu(self.second_norm(self.first(entered))))
