import io
import subprocess
import sys
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from lengthwise.data.blob import Blob
from lengthwise.data.codecs.waveform import read_waveform, resample


def sine(frequency: float, rate: float, num_samples: int, phase: float = 0.3) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(num_samples) / rate + phase)


def decibels(error: np.ndarray, signal: np.ndarray) -> float:
    return 10 * np.log10(np.square(error).sum() / np.square(signal).sum())


RATES = [(11_025, 16_000), (8_000, 16_000), (22_050, 16_000), (44_100, 16_000), (48_000, 16_000), (4_000, 16_000)]


@pytest.mark.parametrize("place", [0.01, 0.3, 0.6, 0.8])
@pytest.mark.parametrize(("rate", "wanted"), [*RATES, (192_000, 16_000), (16_000, 22_050), (16_001, 16_000)])
def test_a_sine_stays_one_to_80_decibels(rate, wanted, place):
    frequency = place * min(rate, wanted) / 2
    ratio = Fraction(wanted, rate)
    samples = torch.from_numpy(sine(frequency, rate, rate).astype(np.float32))
    found = resample(samples, ratio).double().numpy()
    # An odd ratio is taken for a simple one: 16,001 Hz for 16,000.
    taken = float(ratio.limit_denominator(1000)) * rate
    assert len(found) == pytest.approx(taken, abs=1) and taken == pytest.approx(wanted, rel=1e-4)
    inner = slice(len(found) // 20, -len(found) // 20)
    exact = sine(frequency, taken, len(found))
    assert decibels((found - exact)[inner], exact[inner]) < -80


@pytest.mark.parametrize(("rate", "wanted"), [(44_100, 16_000), (48_000, 16_000), (16_000, 8_000)])
def test_what_the_new_rate_cannot_hold_is_gone_and_not_folded_back(rate, wanted):
    for place in (1.05, 1.3, 1.9):
        samples = sine(place * wanted / 2, rate, rate)
        found = resample(torch.from_numpy(samples.astype(np.float32)), Fraction(wanted, rate)).numpy()
        inner = slice(len(found) // 20, -len(found) // 20)
        assert np.abs(found[inner]).max() < 1e-4


def test_speech_comes_back_from_a_higher_rate_and_back():
    random = np.random.default_rng(0)
    spectrum = np.zeros(4001, dtype=complex)
    spectrum[10:3000] = random.normal(size=2990) + 1j * random.normal(size=2990)
    samples = np.fft.irfft(spectrum)
    there = resample(torch.from_numpy(samples.astype(np.float32)), Fraction(441, 160))
    back = resample(there, Fraction(160, 441)).numpy()[:8000]
    assert decibels((back - samples)[400:-400], samples[400:-400]) < -75


@pytest.mark.parametrize("num_samples", [0, 1, 2, 255, 256, 257, 1000])
@pytest.mark.parametrize("ratio", [Fraction(1), Fraction(2), Fraction(640, 441), Fraction(1, 3), Fraction(10, 9)])
def test_as_many_samples_come_as_the_ratio_says(num_samples, ratio):
    found = resample(torch.ones(num_samples), ratio)
    assert len(found) == -(-num_samples * ratio.numerator // ratio.denominator)
    assert num_samples < 500 or (found[100:-100] - 1).abs().max() < 1e-3


def test_the_first_samples_of_both_rates_are_of_the_same_time():
    samples = torch.zeros(300)
    samples[150] = 1
    assert int(resample(samples, Fraction(3)).argmax()) == 450
    assert int(resample(samples, Fraction(1, 3)).argmax()) == 50


def wav(samples: np.ndarray, rate: int, **options) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3", "opus"])
def test_every_format_is_read_from_a_file_and_from_a_part_of_one(tmp_path: Path, kind):
    samples = 0.5 * sine(440, 24_000, 24_000)
    path = tmp_path / f"a.{kind}"
    if kind == "opus":
        soundfile.write(path, samples, 24_000, format="OGG", subtype="OPUS")
    else:
        soundfile.write(path, samples, 24_000)
    whole, rate = read_waveform(Blob(str(path)))
    assert rate in (24_000, 48_000) and len(whole) / rate == pytest.approx(1, abs=0.1)
    assert whole.abs().max() == pytest.approx(0.5, abs=0.05)
    archive = tmp_path / "archive"
    data = path.read_bytes()
    archive.write_bytes(b"before" + data + b"behind")
    part, rate = read_waveform(Blob(str(archive), 6, len(data)))
    torch.testing.assert_close(part, whole)


def test_channels_are_averaged(tmp_path: Path):
    left, right = sine(300, 8000, 800), sine(500, 8000, 800)
    (tmp_path / "a.wav").write_bytes(wav(np.stack([left, right], 1), 8000, subtype="FLOAT"))
    found, _ = read_waveform(Blob(str(tmp_path / "a.wav")))
    np.testing.assert_allclose(found, (left + right) / 2, atol=1e-6)


def lying_wav() -> bytes:
    """A header that promises two gigabytes, and a tenth of a second."""
    data = bytearray(wav(np.full(800, 0.1), 8000))
    data[40:44] = data[4:8] = (2_000_000_000).to_bytes(4, "little")
    return bytes(data)


def silent_flac(seconds: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(seconds * 8000, dtype=np.int16), 8000, format="FLAC")
    return file.getvalue()


BROKEN = {
    "empty": (b"", "no sound that can be read"),
    "text": (b"what is said in it", "no sound that can be read"),
    "cut in the header": (wav(np.zeros(100), 8000)[:30], "no sound that can be read"),
    "broken flac": (b"fLaC" + bytes(200), "no sound that can be read"),
    "an hour of silence": (silent_flac(3600), "over 60 s"),
    "61 seconds": (silent_flac(61), "over 60 s"),
    "nine channels": (wav(np.zeros((800, 9)), 8000), "over 8 channels"),
    "1 kHz": (wav(np.zeros(1000), 1000), "a rate outside of 4-192 kHz"),
    "384 kHz": (wav(np.zeros(1000), 384_000), "a rate outside of 4-192 kHz"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_what_is_no_sound_or_too_much_has_a_short_reason(tmp_path: Path, fault):
    data, reason = BROKEN[fault]
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    for blob in (Blob(str(path)), Blob(str(path), 0, len(data))):
        with pytest.raises(ValueError) as error:
            read_waveform(blob)
        assert str(error.value) == reason


def test_a_minute_is_read(tmp_path: Path):
    (tmp_path / "a.flac").write_bytes(silent_flac(60))
    assert len(read_waveform(Blob(str(tmp_path / "a.flac")))[0]) == 480_000


@pytest.mark.parametrize("name", ["missing.wav", "missing.raw", "."])
def test_a_file_that_is_gone_has_one_too(tmp_path: Path, name):
    for blob in (Blob(str(tmp_path / name)), Blob(str(tmp_path / name), 2, 9)):
        with pytest.raises(ValueError, match="^no sound that can be read$"):
            read_waveform(blob)


def test_a_part_behind_the_end_has_one_too(tmp_path: Path):
    (tmp_path / "a.wav").write_bytes(wav(np.zeros(100), 8000))
    with pytest.raises(ValueError, match="^no sound that can be read$"):
        read_waveform(Blob(str(tmp_path / "a.wav"), 100, 10_000))


def test_a_header_that_promises_too_much_costs_nothing(tmp_path: Path):
    (tmp_path / "a.wav").write_bytes(lying_wav())
    found, _ = read_waveform(Blob(str(tmp_path / "a.wav")))
    assert len(found) == 800


def test_what_pythons_own_writer_writes_is_read(tmp_path: Path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 3, "NONE", ""))
        file.writeframes(np.array([0, 16384, -32768], dtype="<i2").tobytes())
    assert read_waveform(Blob(str(tmp_path / "a.wav")))[0].tolist() == [0, 0.5, -1]


def test_without_soundfile_the_command_that_installs_it_is_told(tmp_path: Path):
    script = """
import sys
sys.modules["soundfile"] = None
from lengthwise.data.blob import Blob
from lengthwise.data.codecs.waveform import read_waveform
try:
    read_waveform(Blob("a.wav"))
except ValueError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("`pip install 'lengthwise[speech]'`.")
