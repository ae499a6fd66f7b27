import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from lengthwise.data.blob import Blob
from lengthwise.data.codecs.sound import LogMel


def speech_like(rate: int, seconds: float = 1.0) -> np.ndarray:
    """A voice that glides, with pauses, over a little noise."""
    times = np.arange(int(rate * seconds)) / rate
    random = np.random.default_rng(0)
    voice = sum(np.sin(2 * np.pi * k * (120 * times + 30 * times**2)) / k for k in range(1, 20))
    return 0.1 * voice * (np.sin(2 * np.pi * 3 * times) > -0.3) + 0.002 * random.normal(size=len(times))


@pytest.fixture
def file_of(tmp_path: Path):
    def write(samples: np.ndarray, rate: int, name: str = "a.wav", **options) -> Blob:
        soundfile.write(tmp_path / name, samples, rate, **options)
        return Blob(str(tmp_path / name))

    return write


def slaney_mel(frequency: float) -> float:
    return frequency / (200 / 3) if frequency < 1000 else 15 + math.log(frequency / 1000) * 27 / math.log(6.4)


def slow_log_mel(samples: np.ndarray, codec: LogMel) -> np.ndarray:
    """Sums written out, in double precision: the definition of the codec."""
    rate = codec.sample_rate
    size, hop = rate * codec.window_ms // 1000, rate * codec.hop_ms // 1000
    fft = 1 << (size - 1).bit_length()
    highest = slaney_mel(rate / 2)
    energies = []
    for begin in range(0, len(samples) - size + 1, hop):
        frame = [samples[begin + n] * (0.5 - 0.5 * math.cos(2 * math.pi * n / size)) for n in range(size)]
        power = []
        for k in range(fft // 2 + 1):
            turn = np.exp(-2j * np.pi * k * np.arange(size) / fft)
            power.append(abs((np.array(frame) * turn).sum()) ** 2)
        row = []
        for mel in range(1, codec.num_mels + 1):
            total = 0.0
            for k, energy in enumerate(power):
                # A triangle over frequencies, whose corners are evenly spaced in mels.
                low, peak, high = (invert(each * highest / (codec.num_mels + 1)) for each in (mel - 1, mel, mel + 1))
                frequency = k * rate / fft
                total += energy * max(0.0, min((frequency - low) / (peak - low), (high - frequency) / (high - peak)))
            row.append(total)
        energies.append(row)
    logs = np.log(np.maximum(energies, 1e-8 * np.max(energies)))
    centred = logs - logs.mean(0)
    return centred / max(0.1, math.sqrt((centred**2).mean()))


def invert(mel: float) -> float:
    return mel * 200 / 3 if mel < 15 else 1000 * math.exp((mel - 15) * math.log(6.4) / 27)


def test_spectrograms_are_those_of_a_slow_definition():
    codec = LogMel(sample_rate=4000, num_mels=20, window_ms=30, hop_ms=12)
    samples = speech_like(4000, 0.2)
    samples[:200] = 0
    found = codec.spectrogram(torch.from_numpy(samples.astype(np.float32)))
    exact = slow_log_mel(samples, codec)
    assert found.shape == exact.shape == (1 + (800 - 120) // 48, 20)
    np.testing.assert_allclose(found.numpy(), exact, atol=2e-3)


def test_a_frame_comes_every_ten_milliseconds(file_of):
    found = LogMel().encode(file_of(speech_like(16_000), 16_000))
    assert found.shape == (1 + (16_000 - 400) // 160, 80) and found.dtype == np.float16


def test_bands_are_centred_and_all_have_one_deviation(file_of):
    found = LogMel().encode(file_of(speech_like(16_000), 16_000)).astype(np.float64)
    assert np.abs(found.mean(0)).max() < 2e-3
    assert found.std() == pytest.approx(1, abs=1e-2)


def test_neither_loudness_nor_an_offset_nor_a_second_channel_changes_anything(file_of):
    samples, codec = speech_like(16_000), LogMel()
    usual = codec.encode(file_of(samples, 16_000, subtype="FLOAT"))
    for other in (samples * 0.01, samples * 1e6, samples + 0.2, np.stack([samples, samples], 1)):
        found = codec.encode(file_of(other, 16_000, subtype="FLOAT"))
        np.testing.assert_allclose(found, usual, atol=0.02)


def test_a_line_that_weakens_some_bands_is_evened_out():
    codec, samples = LogMel(), torch.from_numpy(speech_like(16_000).astype(np.float32))
    samples += 0.01 * torch.randn(len(samples))
    spectrum = torch.fft.rfft(samples)
    line = torch.fft.irfft(spectrum * torch.linspace(1, 0.5, len(spectrum)), n=len(samples))
    assert (codec.spectrogram(samples) - codec.spectrogram(line)).abs().mean() < 0.05


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000])
def test_the_same_sound_at_another_rate_looks_the_same(file_of, rate):
    codec = LogMel(num_mels=40)
    usual = codec.encode(file_of(speech_like(48_000), 48_000)).astype(np.float32)
    found = codec.encode(file_of(speech_like(rate), rate)).astype(np.float32)
    assert found.shape == pytest.approx(usual.shape, abs=1)
    # Bands up to 3 kHz, which all rates hold; noise differs.
    num_frames = min(len(found), len(usual))
    assert np.corrcoef(found[:num_frames, :20].ravel(), usual[:num_frames, :20].ravel())[0, 1] > 0.9


def test_bands_that_a_low_rate_cannot_hold_are_zero(file_of):
    found = LogMel().encode(file_of(speech_like(8_000), 8_000))
    assert np.abs(found[:, -10:]).max() < 0.01 < np.abs(found[:, 10]).max()


def beeps(frequency: float, speed: float) -> np.ndarray:
    times = np.arange(int(16_000 / speed)) / 16_000
    return 0.3 * np.sin(2 * np.pi * frequency * times) * (np.sin(40 * speed * times) > 0)


@pytest.mark.parametrize("speed", [0.9, 1.1])
def test_faster_speech_is_shorter_and_higher(file_of, speed):
    codec = LogMel()
    usual = file_of(beeps(1000, 1), 16_000)
    found = codec.encode(usual, speed)
    assert len(found) == pytest.approx(len(codec.encode(usual)) / speed, abs=2)
    likeness = {}
    for frequency in (1000, 1000 * speed):
        expected = codec.encode(file_of(beeps(frequency, speed), 16_000, "b.wav"))
        rows = min(len(found), len(expected))
        likeness[frequency] = np.corrcoef(found[:rows].ravel(), expected[:rows].ravel())[0, 1]
    assert likeness[1000 * speed] > max(0.97, likeness[1000] + 0.01)


@pytest.mark.parametrize("speed", [0.0, -1.0, 3.0, math.nan])
def test_no_speech_is_that_fast_or_slow(file_of, speed):
    with pytest.raises(ValueError, match="`speed` must be between 0.5 and 2"):
        LogMel().encode(file_of(beeps(1000, 1), 16_000), speed)


def test_a_steady_tone_is_not_blown_up_to_noise(file_of):
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)
    assert LogMel().encode(file_of(tone, 16_000)).std() < 0.5


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros(0), "under 0.1 s"),
        (np.full(1599, 0.5), "under 0.1 s"),
        (np.zeros(16_000), "silent"),
        (np.full(16_000, 0.5), "silent"),
        (np.full(16_000, np.nan), "not finite"),
        (np.full(16_000, np.inf), "not finite"),
        (np.zeros(16_000 * 60 + 1), "over 60 s"),
    ],
)
def test_what_says_nothing_has_a_short_reason(file_of, samples, reason):
    sound = file_of(samples, 16_000, subtype="FLOAT")
    with pytest.raises(ValueError) as error:
        LogMel().encode(sound)
    assert str(error.value) == reason


def test_a_tenth_of_a_second_is_enough(file_of):
    assert LogMel().encode(file_of(speech_like(16_000, 0.1), 16_000)).shape == (8, 80)
    assert LogMel(window_ms=150).encode(file_of(speech_like(16_000, 0.1), 16_000)).shape == (1, 80)


def test_a_batch_is_its_sounds(file_of):
    sounds = [file_of(speech_like(rate), rate, f"{rate}.wav") for rate in (8_000, 16_000)]
    codec = LogMel()
    for found, sound in zip(codec.encode_batch(sounds), sounds, strict=True):
        np.testing.assert_array_equal(found, codec.encode(sound))


def test_settings_survive_a_file_and_other_files_are_refused(tmp_path: Path):
    codec = LogMel(num_mels=40)
    codec.save(tmp_path / "codec.json")
    assert LogMel.load(tmp_path / "codec.json") == codec
    assert codec.feature.modality == "spectrogram" and codec.feature.size == 40
    assert codec.is_fitted and codec.fit(iter([])) is codec
    for content in ("", "[]", '{"type": "x", "mels": 3}', '{"num_mels": 4000}'):
        (tmp_path / "codec.json").write_text(content)
        with pytest.raises(ValueError, match="must be a saved LogMel codec"):
            LogMel.load(tmp_path / "codec.json")


@pytest.mark.parametrize(
    "settings",
    [
        {"num_mels": 0},
        {"num_mels": 200},
        {"hop_ms": 30},
        {"hop_ms": 0},
        {"sample_rate": 10},
        {"window_ms": 5, "hop_ms": 5},
    ],
)
def test_settings_that_make_no_spectrogram_are_refused(settings):
    with pytest.raises(ValueError, match="must be"):
        LogMel(**settings)
