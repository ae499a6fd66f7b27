"""What every test starts from: fixed seeds, a device, few threads, a cache of its own; and a tiny trained run."""

import os
from pathlib import Path

# Two cores run the tests beside each other; more threads a process would only fight.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import pytest  # noqa: E402
import torch  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--device", default="cpu", help="the device that tests compute on: cpu, cuda, ...")


@pytest.fixture
def device(request: pytest.FixtureRequest) -> torch.device:
    return torch.device(str(request.config.getoption("--device")))


@pytest.fixture(autouse=True)
def fixed_seed() -> None:
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def private_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests never read or fill the user's cache, unless LENGTHWISE_TEST_CACHE names one to share."""
    shared = os.environ.get("LENGTHWISE_TEST_CACHE")
    monkeypatch.setenv("LENGTHWISE_CACHE", shared or str(tmp_path_factory.getbasetemp() / "cache"))


WORDS = ["red green blue black white small large old new cold", "rot grün blau schwarz weiß klein groß alt neu kalt"]
TINY = {
    "model.d_model": "32",
    "model.d_ff": "64",
    "model.num_heads": "2",
    "model.num_encoder_layers": "1",
    "model.num_decoder_layers": "1",
    "data.vocabulary_size": "300",
    "batch.tokens": "1024",
    "train.steps": "60",
    "train.validate_every": "60",
    "train.validate_rows": "4",
    "precision": "fp32",
}


@pytest.fixture(scope="session")
def tiny_pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 lines that are translated word by word."""
    path = tmp_path_factory.mktemp("pairs") / "pairs.tsv"
    source, target = (words.split() for words in WORDS)
    numbers = [[int(digit) for digit in f"{i:03d}"] for i in range(300)]
    lines = [" ".join(source[i] for i in number) + "\t" + " ".join(target[i] for i in number) for number in numbers]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tiny_settings(tiny_pairs: Path) -> dict[str, str]:
    """What turns `transformer.tiny` on `translation.files` into a matter of a second."""
    return {**TINY, "data.source": str(tiny_pairs)}


@pytest.fixture(scope="session")
def tiny_run(tiny_settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run directory after 60 steps: it has learned little, but has all that a run has. Read only."""
    from lengthwise import run

    path = tmp_path_factory.mktemp("runs") / "tiny"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LENGTHWISE_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        run.train(run.experiment_of(None, "translation.files", "transformer.tiny", tiny_settings), path)
    return path


@pytest.fixture(scope="session")
def language_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model's run after 60 steps on lines of text. Read only but for plots."""
    from lengthwise import run

    text = tmp_path_factory.mktemp("texts") / "text.txt"
    text.write_text("".join(f"the number {number} comes before {number + 1}\n" for number in range(2000)))
    path = tmp_path_factory.mktemp("runs") / "language"
    changes = {
        "data.source": str(text), "data.max_length": "64", "model.d_model": "32", "model.d_ff": "64",
        "model.num_heads": "2", "model.num_key_heads": "1", "model.num_layers": "1", "batch.tokens": "512",
        "precision": "fp32", "train.steps": "60", "train.validate_every": "30", "train.validate_rows": "40",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LENGTHWISE_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        run.train(run.experiment_of(None, "language_modeling.files", "decoder.tiny", changes), path)
    return path
