import wave
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from lengthwise import catalog
from lengthwise.cli.decode import command
from lengthwise.run import experiment_of, load, train
from lengthwise.training.tracking.json_lines import read_json_lines

TONES = {"a": 300.0, "e": 900.0, "o": 2700.0}
SMALL = {
    "model.d_model": "32", "model.d_ff": "64", "model.num_heads": "2", "model.num_encoder_layers": "1",
    "model.kernel_size": "7", "model.dropout": "0.0", "precision": "fp32",
}  # fmt: skip


def write(path: Path, words: Sequence[str], random: np.random.Generator, rate: int = 8000, channels: int = 1) -> None:
    """A sixth of a second of a tone for each word, with noise, and a pause behind it."""
    time = np.arange(rate // 6) / rate
    parts = [np.concatenate([np.sin(2 * np.pi * TONES[word] * time), np.zeros(rate // 16)]) for word in words]
    samples = np.concatenate(parts)
    samples = 9000 * samples + 50 * random.standard_normal(len(samples))
    with wave.open(str(path), "wb") as sound:
        sound.setparams((channels, 2, rate, 0, "NONE", ""))
        sound.writeframes(np.repeat(samples.astype("<i2"), channels).tobytes())


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """A sound of every five tones with the words for them, and a file that is no sound."""
    folder, random = tmp_path_factory.mktemp("recordings"), np.random.default_rng(0)
    for number, words in enumerate(product(TONES, repeat=5)):
        write(folder / f"{number:03d}.wav", list(words), random)
        (folder / f"{number:03d}.txt").write_text(" ".join(words))
    (folder / "broken.wav").write_bytes(b"no sound")
    (folder / "broken.txt").write_text("nobody knows")
    return folder


@pytest.mark.parametrize("name", ["amazon_queen", "asterisk", "english"])
def test_every_problem_is_declared_without_fetching_anything(name):
    problem = catalog.find("problems", f"speech_recognition.{name}")()
    assert problem.inputs.feature.modality == "spectrogram" and list(problem.metrics) == ["CER", "WER"]
    assert problem.augmentation is not None
    assert problem.parts == (("amazon_queen", "asterisk") if name == "english" else ())


def test_it_learns_your_own_recordings_and_writes_down_files(recordings, tmp_path, capsysbinary):
    changes = {
        "data.source": str(recordings), "train.steps": "300", "train.validate_every": "150", "batch.tokens": "2048",
        "train.log_every": "50", **SMALL,
    }  # fmt: skip
    train(experiment_of(None, "speech_recognition.folder", "speech_transformer.tiny", changes), tmp_path / "run")
    run = load(tmp_path / "run")
    found = run.evaluate("test")
    assert [score.name for score in found.scores] == ["CER", "WER"] and found.scores[0].is_error
    assert found.scores[0].value < 20 and found.scores[0].low <= found.scores[0].value <= found.scores[0].high
    rows = [row for row in read_json_lines(tmp_path / "run" / "metrics.jsonl") if "validation/CER" in row]
    assert [row["validation/score"] for row in rows] == [-row["validation/CER"] for row in rows] and len(rows) == 2
    said = "o a e a o"
    write(tmp_path / "stereo.wav", said.split(), np.random.default_rng(1), rate=22_050, channels=2)
    assert run.decode([str(tmp_path / "stereo.wav")]) == run.decode([str(tmp_path / "stereo.wav")], beam=8) == [said]
    command(tmp_path / "run", [str(tmp_path / "stereo.wav"), "beam=2"])
    assert capsysbinary.readouterr().out.decode() == f"{said}\n"
    with pytest.raises(ValueError, match="broken.wav` must be a sound, but can't be read: "):
        run.decode([str(recordings / "broken.wav")])
    with pytest.raises(ValueError, match="gone.wav` must be a sound, but is not there"):
        run.decode([str(recordings / "gone.wav")])
