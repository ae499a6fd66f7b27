"""Sound → log-mel spectrogram: what recognisers of speech read."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar, SupportsInt

import numpy as np
import torch
from jaxtyping import Float, Float16
from torch import Tensor
from torch.nn.functional import pad

from lengthwise.contracts import Feature
from lengthwise.data.blob import Blob
from lengthwise.data.codecs.codec import Unreadable
from lengthwise.data.codecs.symbols import Fixed
from lengthwise.data.codecs.waveform import check_installed, read_waveform, resample

DYNAMIC_RANGE = 1e-8
"""Energies below this share of a sound's highest are lifted to it (80 dB): quieter is noise of coding, not speech."""
SILENCE = 1e-4
"""Peak below which a sound is silent, as a share of full scale (-80 dB)."""
MIN_SECONDS = 0.1
MIN_DEVIATION = 0.1
"""Of a spectrogram (natural logarithm): a steady tone has nearly none, and is not blown up to noise."""


@dataclass(frozen=True)
class LogMel(Fixed):
    """Energies in mel bands over time, each utterance normalised by itself.

    From every band its mean is taken, and all are divided by one deviation: so no gain, microphone or telephone line
    tells two recordings apart, bands above what the recording can hold are 0, and there is nothing to learn from the
    training set, which a user's own recordings would not be like.
    """

    is_closed: ClassVar[bool] = False

    sample_rate: int = 16_000
    """Hz."""
    num_mels: int = 80
    window_ms: int = 25
    hop_ms: int = 10

    def __post_init__(self) -> None:
        if not 0 < self.hop_ms <= self.window_ms or self.sample_rate < 1000 or self.num_mels < 1:
            raise ValueError(
                "`sample_rate` must be at least 1000, `num_mels` at least 1 and `hop_ms` at most `window_ms`, but they "
                f"are {self.sample_rate}, {self.num_mels}, {self.hop_ms} and {self.window_ms}."
            )
        if not self.bands.any(0).all():
            raise ValueError(
                f"`num_mels` must be few enough for a window of {self.window_ms} ms to tell them apart, but is "
                f"{self.num_mels}. Choose fewer, or a longer window."
            )

    @property
    def feature(self) -> Feature:
        """A spectrogram of `num_mels` channels."""
        return Feature(modality="spectrogram", size=self.num_mels)

    def encode(self, text: Blob, speed: float = 1.0) -> Float16[np.ndarray, "frames mels"]:
        """The spectrogram of a sound, spoken `speed` times as fast and as high (Ko et al. 2015: 0.9, 1 and 1.1).

        Raises Unreadable with a short reason, the same for all sounds of a kind: those of `read_waveform`, and
        `under 0.1 s`, `silent`, `not finite`.
        """
        if not 0.5 <= speed <= 2:
            raise ValueError(f"`speed` must be between 0.5 and 2, but is {speed}.")
        check_installed()
        try:
            samples, rate = read_waveform(text)
            checked = _checked(samples, rate)
        except ValueError as reason:
            raise Unreadable(str(reason)) from None
        ratio = Fraction(self.sample_rate, rate) / Fraction(speed).limit_denominator(100)
        return self.spectrogram(resample(checked, ratio)).to(torch.float16).numpy()

    def spectrogram(self, samples: Float[Tensor, " samples"]) -> Float[Tensor, "frames mels"]:
        """Of samples at `sample_rate`: a frame every `hop_ms`, as many as fit."""
        window = _hann(self._samples(self.window_ms))
        samples = pad(samples, (0, max(0, len(window) - len(samples))))
        frames = samples.unfold(0, len(window), self._samples(self.hop_ms)) * window
        energies = torch.fft.rfft(frames, n=self._fft_size).abs().square() @ self.bands
        logs = energies.clamp(min=DYNAMIC_RANGE * energies.max()).log()
        centred = logs - logs.mean(0)
        return centred / centred.square().mean().sqrt().clamp(min=MIN_DEVIATION)

    @property
    def bands(self) -> Float[Tensor, "frequencies mels"]:
        """What each frequency of the transform gives to each band."""
        return _bands(self.sample_rate, self._fft_size, self.num_mels)

    def decode(self, tokens: Iterable[SupportsInt]) -> str:
        """Refused: what was heard can't be told from its energies."""
        raise ValueError("Sounds are no text: nothing decodes them.")

    def _samples(self, milliseconds: int) -> int:
        return self.sample_rate * milliseconds // 1000

    @property
    def _fft_size(self) -> int:
        return 2 ** math.ceil(math.log2(self._samples(self.window_ms)))


def _checked(samples: Tensor, rate: int) -> Tensor:
    """Scaled to a peak of 1 around 0."""
    if len(samples) < MIN_SECONDS * rate:
        raise ValueError(f"under {MIN_SECONDS} s")
    if not samples.isfinite().all():
        raise ValueError("not finite")
    centred = samples - samples.mean()
    peak = centred.abs().max()
    if peak < SILENCE:
        raise ValueError("silent")
    return centred / peak


@lru_cache(maxsize=4)
def _hann(size: int) -> Tensor:
    return torch.hann_window(size)


@lru_cache(maxsize=4)
def _bands(sample_rate: int, fft_size: int, num_mels: int) -> Tensor:
    """Triangles of height 1, evenly wide in mels, from 0 to the Nyquist frequency."""
    frequencies = np.linspace(0, sample_rate / 2, fft_size // 2 + 1)
    corners = _frequencies(np.linspace(0, _mels(sample_rate / 2), num_mels + 2))
    rising = (frequencies[:, None] - corners[:-2]) / np.diff(corners)[:-1]
    falling = (corners[2:] - frequencies[:, None]) / np.diff(corners)[1:]
    return torch.from_numpy(np.clip(np.minimum(rising, falling), 0, None).astype(np.float32))


BREAK_HZ, BREAK_MEL, OCTAVES_PER_MEL = 1000.0, 15.0, math.log2(6.4) / 27
"""Slaney's scale (Auditory Toolbox, 1998): linear up to 1 kHz, logarithmic above."""


def _mels(frequency: float) -> float:
    if frequency < BREAK_HZ:
        return frequency * BREAK_MEL / BREAK_HZ
    return BREAK_MEL + math.log2(frequency / BREAK_HZ) / OCTAVES_PER_MEL


def _frequencies(mels: np.ndarray) -> np.ndarray:
    above = BREAK_HZ * 2 ** (np.maximum(mels - BREAK_MEL, 0) * OCTAVES_PER_MEL)
    return np.where(mels < BREAK_MEL, mels * BREAK_HZ / BREAK_MEL, above)
