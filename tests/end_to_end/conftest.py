import random
import subprocess
import sys

import pytest

WORDS = ["red", "green", "blue", "black", "white", "small", "large", "old", "new", "cold"]
GERMAN = ["rot", "grün", "blau", "schwarz", "weiß", "klein", "groß", "alt", "neu", "kalt"]


@pytest.fixture(scope="session")
def pairs(tmp_path_factory):
    """Little sentences that can be translated word by word."""
    path = tmp_path_factory.mktemp("pairs") / "pairs.tsv"
    chance = random.Random(0)
    sentences = [chance.choices(range(10), k=chance.randint(2, 6)) for _ in range(3000)]
    lines = [" ".join(WORDS[i] for i in row) + "\t" + " ".join(GERMAN[i] for i in row) for row in sentences]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="session")
def lengthwise(tmp_path_factory):
    """The command, as a user calls it: words in, finished process out."""
    import os

    environment = {**os.environ, "LENGTHWISE_CACHE": str(tmp_path_factory.mktemp("cache")), "COLUMNS": "200"}

    def call(*words: object, stdin: bytes | None = None, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lengthwise", *map(str, words)]
        done = subprocess.run(command, input=stdin or b"", capture_output=True, env=environment, timeout=300)
        text = subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())
        assert text.returncode == code, f"{text.args}\n{text.stdout}\n{text.stderr}"
        return text

    return call


TINY = ["model.d_model=64", "model.d_ff=128", "model.num_encoder_layers=1", "model.num_decoder_layers=1"]


@pytest.fixture(scope="session")
def settings(pairs):
    """What turns `transformer.tiny` on the pairs into a matter of seconds."""
    return [
        *("--problem", "translation.files", "--model", "transformer.tiny", f"data.source={pairs}"),
        *("data.vocabulary_size=420", "batch.tokens=1024", *TINY),
    ]


@pytest.fixture(scope="session")
def trained(lengthwise, settings, tmp_path_factory):
    """A run that has learned the pairs."""
    run = tmp_path_factory.mktemp("runs") / "trained"
    lengthwise("train", *settings, "train.steps=400", "train.validate_every=200", "--run", run)
    return run
