import importlib.util
import json
from pathlib import Path

import pytest

from lengthwise.training.tracking.hosted import Hosted


class Service:
    """Stands for the module that such a service is reached through."""

    def __init__(self) -> None:
        self.begun: list[dict[str, object]] = []
        self.rows: list[tuple[int, dict[str, float]]] = []

    def init(self, **arguments: object) -> "Service":
        self.begun.append(arguments)
        return self

    def log(self, row: dict[str, float], step: int) -> None:
        self.rows.append((step, row))

    def finish(self) -> None:
        self.rows.append((-1, {}))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    found = Service()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr("importlib.import_module", lambda name: found)
    return found


def test_rows_go_to_one_run_of_the_service_however_often_it_is_resumed(tmp_path: Path, service: Service):
    (tmp_path / "config.json").write_text('{"seed": 3}')
    for step in (1, 2):
        tracker = Hosted("wandb", tmp_path)
        tracker.cut(step - 1)
        tracker.log(step, {"loss": 0.5})
        tracker.flush()
        tracker.close()
    assert [step for step, _ in service.rows] == [1, -1, 2, -1]
    first, second = service.begun
    assert first == second and first["config"] == {"seed": 3} and first["name"] == tmp_path.name
    assert first["id"] == json.loads((tmp_path / "tracking.json").read_text())["id"]


def test_nothing_is_begun_before_the_first_row(tmp_path: Path, service: Service):
    Hosted("trackio", tmp_path).close()
    assert service.begun == []


@pytest.mark.skipif(importlib.util.find_spec("wandb") is not None, reason="wandb is installed")
def test_a_service_that_is_not_installed_is_named_with_its_extra(tmp_path: Path):
    with pytest.raises(ValueError, match=r"pip install 'lengthwise\[wandb\]'"):
        Hosted("wandb", tmp_path)
