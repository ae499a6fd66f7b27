"""Sounds of any format, channels and sample rate as one row of samples at the rate that is asked for."""

import io
from fractions import Fraction
from functools import lru_cache
from math import ceil
from types import ModuleType

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from lengthwise.data.blob import Blob

MISSING = "Sounds need soundfile, which is not installed. Install it with `pip install 'lengthwise[speech]'`."
MAX_SECONDS = 60
RATES = (4_000, 192_000)
MAX_CHANNELS = 8

MAX_DENOMINATOR = 1000
"""Of a ratio of rates. All usual ones are exact; an odd one (16,001 Hz) comes within .05 %, which nobody hears."""
ZERO_CROSSINGS = 32
"""Of the filter, each side."""
ROLLOFF = 0.92
"""Where the filter has lost half, as a share of the lower Nyquist frequency: up to .8 it loses nothing (-80 dB)."""
KAISER_BETA = 9.0
"""Stopband of the window: -90 dB."""
BLOCK = 256
"""Least number of input samples a matrix product steps over."""


def check_installed() -> None:
    """ValueError with the command that installs it where soundfile is missing."""
    _soundfile()


def read_waveform(sound: Blob) -> tuple[Float[Tensor, " samples"], int]:
    """A sound's samples, all channels averaged, and their rate in Hz.

    Reads what libsndfile does: wav, flac, ogg, opus, mp3. Raises ValueError with a short reason, the same for all of a
    kind: `no sound that can be read`, `over 60 s`, `over 8 channels`, `a rate outside of 4-192 kHz`.
    """
    soundfile = _soundfile()
    # A whole file is not read into memory: it may be of any size.
    is_part = bool(sound.begin) or sound.size is not None
    try:
        with soundfile.SoundFile(io.BytesIO(sound.read()) if is_part else sound.path) as file:
            rate, limit = file.samplerate, MAX_SECONDS * file.samplerate
            fault = _fault(rate, file.channels)
            # In one call: soundfile seeks after each, which is not exact in every format.
            samples = file.read(0 if fault else limit + 1, dtype="float32", always_2d=True)
    # TypeError: of a file that ends in .raw, soundfile wants to be told the rate.
    except (OSError, ValueError, TypeError, soundfile.SoundFileError) as error:
        raise ValueError("no sound that can be read") from error
    if fault or len(samples) > limit:
        raise ValueError(fault or f"over {MAX_SECONDS} s")
    return torch.from_numpy(samples.mean(1)), rate


def _fault(rate: int, num_channels: int) -> str | None:
    if not RATES[0] <= rate <= RATES[1]:
        return "a rate outside of 4-192 kHz"
    return f"over {MAX_CHANNELS} channels" if num_channels > MAX_CHANNELS else None


def resample(samples: Float[Tensor, " samples"], ratio: Fraction) -> Float[Tensor, " resampled"]:
    """The same sound with `ratio` times as many samples (rounded up), without the frequencies that these can't hold.

    Sample `n` is the sound at the time of old sample `n / ratio`; before and behind it there is silence. (A windowed
    sinc: Smith, "Digital audio resampling", 2002.)
    """
    ratio = ratio.limit_denominator(MAX_DENOMINATOR)
    if ratio == 1 or not len(samples):
        return samples
    weights, margin, step = _filter(ratio)
    num_blocks = ceil(len(samples) / step)
    padded = pad(samples, (margin, num_blocks * step + margin - len(samples)))
    blocks = padded.unfold(0, step + 2 * margin, step)
    return (blocks @ weights.T).flatten()[: ceil(len(samples) * ratio)]


@lru_cache(maxsize=16)
def _filter(ratio: Fraction) -> tuple[Tensor, int, int]:
    """Weights `[outputs, inputs]` of a block, how many inputs before its first one they reach, and its length."""
    repeats = max(1, BLOCK // ratio.denominator)
    num_outputs, step = ratio.numerator * repeats, ratio.denominator * repeats
    cutoff = min(1.0, float(ratio)) * ROLLOFF
    margin = ceil(ZERO_CROSSINGS / cutoff)
    times = np.arange(num_outputs)[:, None] * (step / num_outputs)
    distances = np.arange(-margin, step + margin)[None, :] - times
    inside = np.clip(1 - (distances / margin) ** 2, 0, None)
    window = np.i0(KAISER_BETA * np.sqrt(inside)) / np.i0(KAISER_BETA) * (np.abs(distances) < margin)
    weights = cutoff * np.sinc(cutoff * distances) * window
    return torch.from_numpy(weights.astype(np.float32)), margin, step


def _soundfile() -> ModuleType:
    try:
        import soundfile
    except ImportError:
        raise ValueError(MISSING) from None
    return soundfile
