"""Sounds a little different every time they are learned from: faster or slower, with bands and stretches blanked."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from lengthwise.data.spec_augment import spec_augment


@dataclass(frozen=True, kw_only=True)
class SoundAugmentation:
    """How far sounds may be changed."""

    speed: float = 0.1
    """0.1: from 10 % slower to 10 % faster, at the same pitch."""
    num_mel_masks: int = 2
    max_mels: int = 15
    num_frame_masks: int = 2
    max_frames: int = 40

    def draws(self, rows: int, seed: int, step: int) -> Int[Tensor, " rows"]:
        """A seed for each sound of a batch, by the seed and the batch's index alone."""
        return torch.from_numpy(np.random.default_rng([seed, step]).integers(2**31, size=rows))

    def apply(
        self, sounds: Float[Tensor, "batch frames channels"], draws: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch changed_frames channels"]:
        """The sounds as these draws change them; the last channel is 1 on real frames."""
        generators = [torch.Generator().manual_seed(seed) for seed in draws.tolist()]
        signed = torch.tensor([2 * torch.rand((), generator=generator).item() - 1 for generator in generators])
        sounds = spoken_at(sounds, 1 + self.speed * signed) if self.speed else sounds
        frames, is_real = sounds[:, :, :-1], sounds[:, :, -1:]
        masked = [
            spec_augment(
                row[None],
                length[None],
                generator,
                num_mel_masks=self.num_mel_masks,
                max_mels=self.max_mels,
                num_frame_masks=self.num_frame_masks,
                max_frames=self.max_frames,
            )
            for row, length, generator in zip(frames, is_real[:, :, 0].sum(1).long(), generators, strict=True)
        ]
        return torch.cat([torch.cat(masked), is_real], dim=-1)


def spoken_at(
    sounds: Float[Tensor, "batch frames channels"], speeds: Float[Tensor, " batch"]
) -> Float[Tensor, "batch changed_frames channels"]:
    """Sounds that many times as fast: between two frames lies what lies between them."""
    lengths = sounds[:, :, -1].sum(1)
    found = (lengths / speeds).floor().clamp(min=1)
    places = torch.arange(int(found.max()))[None] * speeds[:, None]
    before = places.floor().long().clamp(max=sounds.shape[1] - 1)
    after = (before + 1).minimum((lengths.long() - 1)[:, None]).clamp(min=0)
    rows, share = torch.arange(len(sounds))[:, None], (places - before)[:, :, None]
    mixed = sounds[rows, before] * (1 - share) + sounds[rows, after] * share
    is_real = (torch.arange(mixed.shape[1])[None] < found[:, None])[:, :, None]
    return torch.cat([mixed[:, :, :-1] * is_real, is_real.float()], dim=-1)
