"""Examples as a model sees them: pieces of text, classes, pictures of images and sounds; and how long all are."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8
from torch import Tensor

from lengthwise.contracts import PAD, Batch, real
from lengthwise.data.codecs.codec import Codec
from lengthwise.data.codecs.pixels import Pixels
from lengthwise.data.shards import Split

Picture = UInt8[np.ndarray, "height width channels"]
QUANTILES = (0, 50, 95, 100)
DARKEST, BRIGHTEST = -2.5, 2.5
"""Of a spectrogram's energies, in its deviations."""


def described(values: Tensor | None, codec: Codec | None, row: int) -> str:
    """One side of one row of a batch, with how much of it is padding."""
    if values is None or codec is None:
        return "none"
    found = values[row]
    if codec.feature.modality == "image":
        height, width, channels = found.shape
        return f"an image of {height} x {width} x {channels}, intensities {found.min():.2f} to {found.max():.2f}"
    if codec.feature.modality == "spectrogram":
        frames = int(real(values)[row].sum())
        return f"a sound of {frames} frames x {found.shape[1] - 1} channels + {len(found) - frames} of padding"
    if isinstance(codec, Pixels):
        return f"an image of {len(found)} intensities"
    if codec.feature.modality == "label":
        return codec.decode(found)
    ids = [int(token) for token in found if int(token) != PAD]
    pieces = " | ".join(codec.decode([token]) or f"<{token}>" for token in ids)
    return f"{len(ids)} tokens + {len(found) - len(ids)} of padding: {pieces}"


def pictures(batch: Batch, inputs: Codec | None, targets: Codec, count: int) -> list[Picture]:
    """Of the first rows' images or sounds, on whichever side they are; none where both are text."""
    rows = range(min(count, len(batch.targets)))
    if isinstance(targets, Pixels):
        return [targets.image(batch.targets[row]) for row in rows]
    if batch.inputs is None or inputs is None or inputs.feature.is_ids:
        return []
    if inputs.feature.modality == "image":
        return [(batch.inputs[row].clamp(0, 1) * 255).round().byte().numpy() for row in rows]
    sounds = (batch.inputs[: len(rows), :, :-1] - DARKEST) / (BRIGHTEST - DARKEST)
    # Time to the right, high tones above.
    shades = (sounds.clamp(0, 1) * 255).round().byte().numpy().transpose(0, 2, 1)[:, ::-1]
    return list(np.ascontiguousarray(shades)[..., None])


def padding_waste(batches: Sequence[Batch]) -> float:
    """Share of positions of these batches that hold padding."""
    positions = sum(batch.num_positions for batch in batches)
    return 1 - sum(batch.num_tokens for batch in batches) / max(1, positions)


def lengths(split: Split) -> dict[str, list[int]]:
    """Shortest, median, 95th percentile and longest of both sides, in tokens, frames or images."""
    sides = {"inputs": split.input_lengths, "targets": split.target_lengths}
    return {
        side: [int(found) for found in np.percentile(values, QUANTILES)]
        for side, values in sides.items()
        if side == "targets" or split.has_inputs
    }
