"""SpecAugment (Park et al. 2019), without its warping of time: stretches of frames and of bands are blanked."""

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
    batch, num_frames, num_mels = spectrograms.shape
    most = (max_share * lengths).clamp(max=max_frames).to(generator.device)
    mels = torch.full((batch,), num_mels, device=generator.device)
    of_mels = _masks(mels, mels.clamp(max=max_mels), num_mels, num_mel_masks, generator)
    of_frames = _masks(lengths.to(generator.device), most, num_frames, num_frame_masks, generator)
    is_masked = of_frames[:, :, None] | of_mels[:, None, :]
    return spectrograms.masked_fill(is_masked.to(spectrograms.device), 0)


def _masks(
    lengths: Tensor, most: Tensor, size: int, count: int, generator: torch.Generator
) -> Bool[Tensor, "batch size"]:
    """Where any of `count` stretches lies, each of 0 to `most` places within `lengths`."""
    widths, begins = torch.rand(2, len(lengths), count, generator=generator, device=generator.device)
    widths = (widths * (most.floor()[:, None] + 1)).floor()
    begins = (begins * (lengths[:, None] - widths + 1)).floor()
    places = torch.arange(size, device=generator.device)[None, None, :]
    return ((places >= begins[..., None]) & (places < (begins + widths)[..., None])).any(1)
