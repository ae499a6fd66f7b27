"""SpecAugment (Park et al. 2019), without its warping of time: stretches of frames and of bands are blanked."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def spec_augment(
    spectrograms: Float[Tensor, "batch frames mels"],
    lengths: Int[Tensor, " batch"],
    generator: torch.Generator,
    *,
    num_mel_masks: int = 2,
    max_mels: int = 27,
    num_frame_masks: int = 2,
    max_frames: int = 100,
    max_share: float = 0.2,
) -> Float[Tensor, "batch frames mels"]:
    """Copies with masks of 0 (the mean of normalised bands), drawn for every example by itself.

    A mask is of 0 to `max_mels` bands, or of 0 to `max_frames` frames, but of at most `max_share` of an example's
    `lengths`; any width and place is as likely as any other. The paper's policy LD is the default, but for its share
    of 1. The same generator, wherever it is, draws the same masks on every device.
    """
    # Each kind with its own call, widths before begins.
    counts = (num_mel_masks, num_frame_masks)
    of_mels, of_frames = (
        torch.rand(2, len(lengths), count, generator=generator, device=generator.device) for count in counts
    )
    return blanked(spectrograms, lengths, (of_mels, of_frames), (max_mels, max_frames), max_share)


def blanked(
    spectrograms: Float[Tensor, "batch frames mels"],
    lengths: Int[Tensor, " batch"],
    draws: Sequence[Float[Tensor, "2 batch _masks"]] | Float[Tensor, "2 2 batch masks"],
    widest: tuple[int, int],
    max_share: float,
) -> Float[Tensor, "batch frames mels"]:
    """The same by draws from 0 to 1: of bands and of frames, the widths and the begins of each.

    `widest`: how many bands, and how many frames, a mask has at most.
    """
    batch, num_frames, num_mels = spectrograms.shape
    of_mels, of_frames = draws
    lengths = lengths.to(of_mels.device)
    most = (max_share * lengths).clamp(max=widest[1])
    mels = torch.full((batch,), num_mels, device=of_mels.device)
    hides_mels = _masks(mels, mels.clamp(max=widest[0]), num_mels, of_mels)
    hides_frames = _masks(lengths, most, num_frames, of_frames)
    is_masked = hides_frames[:, :, None] | hides_mels[:, None, :]
    return spectrograms.masked_fill(is_masked.to(spectrograms.device), 0)


def _masks(
    lengths: Tensor, most: Tensor, size: int, draws: Float[Tensor, "2 batch masks"]
) -> Bool[Tensor, "batch size"]:
    """Where any of the stretches lies, each of 0 to `most` places within `lengths`."""
    widths = (draws[0] * (most.floor()[:, None] + 1)).floor()
    begins = (draws[1] * (lengths[:, None] - widths + 1)).floor()
    places = torch.arange(size, device=draws[0].device)[None, None, :]
    return ((places >= begins[..., None]) & (places < (begins + widths)[..., None])).any(1)
