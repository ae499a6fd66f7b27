"""What every test starts from: fixed seeds, a device, few threads, a cache of its own."""

import os

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
