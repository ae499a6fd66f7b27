"""What an image looks like, as a short name that survives another size or file format."""

import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from lengthwise.data.blob import Blob
from lengthwise.data.codecs.image import pillow

SIDE = 12
"""Pixels of the square that is compared; each is brighter than, as bright as, or darker than its neighbour."""
EQUAL = 8
"""Intensities that count as the same."""
MAX_PIXELS = 4_000_000
"""Larger images are compared with none: they would take longer than all others."""


def looks_of(blobs: Sequence[Blob]) -> list[str | None]:
    """A name for each image, equal where two look alike; None where it is blank, very large or broken."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(_look_of, blobs))


def _look_of(blob: Blob) -> str | None:
    reader = pillow()
    try:
        image = reader.open(io.BytesIO(blob.read()))
        if image.width * image.height > MAX_PIXELS:
            return None
        image = image.convert("RGBA")
        white = reader.new("RGBA", image.size, (255,) * 4)
        grey = reader.alpha_composite(white, image).convert("L")
        small = np.asarray(grey.resize((SIDE + 1, SIDE), reader.Resampling.BOX)).astype(np.int16)
    except Exception:  # readers raise whatever a broken file makes them stumble over; the codec will name it
        return None
    steps = np.diff(small, axis=1)
    signs = (steps > EQUAL).astype(np.int8) - (steps < -EQUAL)
    return "".join("-=+"[sign + 1] for sign in signs.flatten().tolist()) if signs.any() else None
