"""Sounds a little different every time they are learned from: faster or slower, and blanked in part."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from lengthwise.data.spec_augment import blanked


@dataclass(frozen=True, kw_only=True)
class SoundAugmentation:
    """How far spectrograms may be changed; defaults for a few hours of speech."""

    speed: float = 0.12
    """0.1: from 10 % slower to 10 % faster, at the same pitch."""
    num_masks: int = 2
    """Of bands, and as many of frames."""
    max_mels: int = 20
    max_frames: int = 40
    max_share: float = 0.15
    """Of a sound's frames, how many a mask may blank."""

    def draws(self, rows: int, seed: int, step: int) -> Float[Tensor, "rows draws"]:
        """What decides on the sounds of a batch: from 0 to 1, by the seed and the batch's index alone."""
        mixed = int(np.random.default_rng([seed, step]).integers(2**31))
        generator = torch.Generator().manual_seed(mixed)
        return torch.rand(rows, 1 + 4 * self.num_masks, generator=generator)

    def apply(
        self, sounds: Float[Tensor, "batch frames channels"], draws: Float[Tensor, "batch draws"]
    ) -> Float[Tensor, "batch new_frames channels"]:
        """The sounds (as in `Batch.inputs`) as these draws change them; each by its own."""
        sounds = resampled(sounds, 1 + self.speed * (2 * draws[:, 0] - 1))
        lengths = sounds[..., -1].sum(1).long()
        masks = draws[:, 1:].unflatten(1, (2, 2, self.num_masks)).permute(1, 2, 0, 3)
        mels = blanked(sounds[..., :-1], lengths, masks, (self.max_mels, self.max_frames), self.max_share)
        return torch.cat((mels, sounds[..., -1:]), -1)


def resampled(
    sounds: Float[Tensor, "batch frames channels"], speeds: Float[Tensor, " batch"]
) -> Float[Tensor, "batch new_frames channels"]:
    """Frames between those that are there, so that each sound is so many times as fast."""
    old = sounds[..., -1].sum(1)
    new = (old / speeds).round().clamp(min=1)
    index = torch.arange(int(new.max()))
    # The first and the last frame stay the first and the last.
    steps = (old - 1) / (new - 1).clamp(min=1)
    places = torch.minimum(index * steps[:, None], (old - 1)[:, None]).clamp(min=0)
    low = places.floor().long()
    high = torch.minimum(low + 1, (old.long() - 1).clamp(min=0)[:, None])
    share = (places - low)[..., None]
    rows = torch.arange(len(sounds))[:, None]
    mixed = torch.lerp(sounds[rows, low], sounds[rows, high], share)
    return mixed * (index < new[:, None])[..., None]
