"""Images ↔ sequences of their intensities, row by row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import SupportsInt

import numpy as np
from jaxtyping import UInt8

from lengthwise.contracts import Feature
from lengthwise.data.codecs.image import WHITE, Images
from lengthwise.data.codecs.symbols import FIRST

NUM_INTENSITIES = 256


@dataclass(frozen=True)
class Pixels(Images):
    """What a model writes that draws: one token for each intensity, in colour three for each pixel.

    Kept as arrays; as targets they are read as ids, without EOS: all images have the same number.
    """

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return self.size, self.size, self.channels

    @property
    def feature(self) -> Feature:
        return Feature(modality="pixels", size=FIRST + NUM_INTENSITIES, shape=self.shape)

    def image(self, tokens: Iterable[SupportsInt]) -> UInt8[np.ndarray, "height width channels"]:
        """The image that ids stand for; what is missing or no intensity is white."""
        found = np.full(int(np.prod(self.shape)), WHITE, dtype=np.uint8)
        ids = np.array([int(token) for token in tokens][: len(found)], dtype=np.int64)
        found[: len(ids)] = np.where(ids >= FIRST, ids - FIRST, WHITE)
        return found.reshape(self.shape)


def grid(
    images: Sequence[UInt8[np.ndarray, "height width channels"]], columns: int
) -> UInt8[np.ndarray, "all_height all_width channels"]:
    """Images side by side, so many a row, with a white line between them."""
    height, width, channels = images[0].shape
    rows = -(-len(images) // columns)
    found = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1, channels), WHITE, dtype=np.uint8)
    for number, image in enumerate(images):
        top, left = number // columns * (height + 1), number % columns * (width + 1)
        found[top : top + height, left : left + width] = image
    return found
