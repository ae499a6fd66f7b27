"""Images ↔ arrays of intensities, all of one size."""

import io
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, SupportsInt

import numpy as np
from jaxtyping import UInt8

from lengthwise.contracts import Feature
from lengthwise.data.blob import Blob
from lengthwise.data.codecs.codec import Unreadable
from lengthwise.data.codecs.symbols import Fixed

MAX_PIXELS = 50_000_000
"""Of an image before it is brought to size; larger ones are bombs or belong cut up."""
WHITE = 255


@dataclass(frozen=True)
class Images(Fixed):
    """Squares of `size` pixels, grey (1 channel) or in colour (3).

    Others are scaled down or up until they fit, and stand in the middle of white; what is transparent shows white.
    """

    is_closed: ClassVar[bool] = False

    size: int
    channels: int

    def __post_init__(self) -> None:
        if self.size < 1 or self.channels not in (1, 3):
            raise ValueError(f"Images must have a size and 1 or 3 channels, but are {self.size} with {self.channels}.")

    @property
    def feature(self) -> Feature:
        return Feature(modality="image", size=self.channels, shape=(self.size, self.size))

    def encode(self, text: Blob) -> UInt8[np.ndarray, "size size channels"]:
        """The array; Unreadable where the bytes are no image, or one too large."""
        try:
            data = text.read()
        except (OSError, ValueError):
            raise Unreadable("image that can't be read") from None
        if text.shape == (self.size, self.size, self.channels):
            return np.frombuffer(data, np.uint8).reshape(text.shape)
        return self._fitted(data, text.shape)

    def encode_batch(self, texts: Sequence[Any]) -> list[Any]:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(self._tried, texts))

    def decode(self, tokens: Iterable[SupportsInt]) -> str:
        raise ValueError("Images are no text: `png` writes one.")

    def png(self, pixels: UInt8[np.ndarray, "height width channels"]) -> bytes:
        """A file of these intensities."""
        buffer = io.BytesIO()
        pillow().fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(buffer, "PNG")
        return buffer.getvalue()

    def _tried(self, blob: Blob) -> np.ndarray | Unreadable:
        try:
            return self.encode(blob)
        except Unreadable as reason:
            return reason

    def _fitted(self, data: bytes, shape: tuple[int, ...] | None) -> np.ndarray:
        reader = pillow()
        mode = "L" if self.channels == 1 else "RGB"
        try:
            if shape is not None:
                raw = np.frombuffer(data, np.uint8).reshape(shape)
                image = reader.fromarray(raw[:, :, 0] if shape[2] == 1 else raw)
            else:
                image = reader.open(io.BytesIO(data))
            if image.width * image.height > MAX_PIXELS:
                raise Unreadable(f"image over {MAX_PIXELS:,} pixels")
            if image.has_transparency_data:
                image = image.convert("RGBA")
                white = reader.new("RGBA", image.size, (WHITE,) * 4)
                image = reader.alpha_composite(white, image)
            image = image.convert(mode)
            scale = self.size / max(image.size)
            width, height = (max(1, round(side * scale)) for side in image.size)
            image = image.resize((width, height), reader.Resampling.LANCZOS if scale < 1 else reader.Resampling.BICUBIC)
        except Unreadable:
            raise
        except Exception:  # Pillow's readers raise whatever a broken file makes them stumble over
            raise Unreadable("broken image") from None
        found = np.full((self.size, self.size, self.channels), WHITE, np.uint8)
        top, left = (self.size - height) // 2, (self.size - width) // 2
        pixels = np.asarray(image).reshape(height, width, self.channels)
        found[top : top + height, left : left + width] = pixels
        return found


def pillow():  # noqa: ANN202
    """Pillow's `Image`; ValueError where it is not installed."""
    try:
        from PIL import Image
    except ImportError:
        raise ValueError(
            "Images need Pillow, which is not installed. Install it with `pip install 'lengthwise[images]'`."
        ) from None
    Image.MAX_IMAGE_PIXELS = None  # `MAX_PIXELS` bounds them, before a pixel is decoded
    return Image
