"""Images a little different every time they are learned from: turned, scaled, shifted, mirrored, partly hidden."""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

NUM_DRAWS = 8
"""Numbers that decide what happens to an image."""


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How far images may be changed; every change is drawn evenly from its range."""

    shift: float = 0.0
    """Share of a side, each way."""
    rotation: float = 0.0
    """Degrees, each way."""
    scale: float = 0.0
    """0.1: from 10 % smaller to 10 % larger."""
    is_mirrored: bool = False
    """Whether half of the images are, left for right."""
    erased: float = 0.0
    """Side of a square of grey, as a share of the image's side: somewhere in half of the images."""

    def draws(self, rows: int, seed: int, step: int) -> Float[Tensor, "rows draws"]:
        """What decides on the images of a batch: from 0 to 1, by the seed and the batch's index alone."""
        mixed = int(np.random.default_rng([seed, step]).integers(2**31))
        generator = torch.Generator().manual_seed(mixed)
        return torch.rand(rows, NUM_DRAWS, generator=generator)

    def apply(
        self, images: Float[Tensor, "batch height width channels"], draws: Float[Tensor, "batch draws"]
    ) -> Float[Tensor, "batch height width channels"]:
        """The images as these draws change them; what comes in from outside repeats the border."""
        signed = 2 * draws - 1
        angle, zoom = signed[:, 0] * math.radians(self.rotation), 1 + signed[:, 1] * self.scale
        cos, sin = angle.cos() / zoom, angle.sin() / zoom
        mirror = torch.where(draws[:, 4] < 0.5, -1.0, 1.0) if self.is_mirrored else torch.ones(len(images))
        across, down = 2 * self.shift * signed[:, 2], 2 * self.shift * signed[:, 3]
        matrix = torch.stack([mirror * cos, -mirror * sin, across, sin, cos, down], 1).view(-1, 2, 3)
        grid = F.affine_grid(matrix, [len(images), 1, *images.shape[1:3]], align_corners=False)
        channels = images.permute(0, 3, 1, 2)
        moved = F.grid_sample(channels, grid, padding_mode="border", align_corners=False).permute(0, 2, 3, 1)
        return self._erase(moved, draws) if self.erased else moved

    def _erase(self, images: Tensor, draws: Tensor) -> Tensor:
        is_hidden = draws[:, 7, None, None] < 0.5
        for axis in (1, 2):
            size = images.shape[axis]
            side = max(1, round(self.erased * size))
            begin = (draws[:, 4 + axis] * (size - side + 1)).floor()[:, None]
            place = torch.arange(size)
            inside = (place >= begin) & (place < begin + side)
            is_hidden = is_hidden & (inside[:, :, None] if axis == 1 else inside[:, None, :])
        return images.masked_fill(is_hidden[..., None], 0.5)
