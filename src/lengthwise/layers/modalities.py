"""What a model reads inputs of each kind with: the bottom that makes vectors of them."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

CENTRE, SPREAD = 0.5, 0.25
"""Of an image's intensities, roughly: vectors of unit size come out."""


class ImagePatches(nn.Module):
    """Square patches of an image, each projected to a vector (Dosovitskiy et al. 2021, arXiv 2010.11929)."""

    def __init__(self, shape: tuple[int, int], channels: int, patch: int, d_model: int) -> None:
        super().__init__()
        height, width = shape
        if height % patch or width % patch:
            raise ValueError(f"`model.patch` must divide images of {height} x {width}, but is {patch}.")
        self.patch, self.num_patches = patch, (height // patch) * (width // patch)
        self.projection = nn.Linear(patch * patch * channels, d_model)

    def forward(self, images: Float[Tensor, "batch height width channels"]) -> Float[Tensor, "batch patches d_model"]:
        """Row by row, from the top left."""
        batch, height, width, channels = images.shape
        p = self.patch
        cut = images.view(batch, height // p, p, width // p, p, channels).transpose(2, 3)
        return self.projection((cut.reshape(batch, self.num_patches, p * p * channels) - CENTRE) / SPREAD)


def channels_first(
    images: Float[Tensor, "batch height width channels"],
) -> Float[Tensor, "batch channels height width"]:
    """Images as convolutions read them, around 0."""
    return (images.permute(0, 3, 1, 2) - CENTRE) / SPREAD


def pooled(x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels"]:
    """The mean over an image."""
    return F.adaptive_avg_pool2d(x, 1).flatten(1)
