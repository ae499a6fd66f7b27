"""Rows of metrics to Weights & Biases or to trackio, which is called as it is."""

import importlib
import importlib.util
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from lengthwise.training.tracking.tracker import Tracker

Service = Literal["wandb", "trackio"]
PROJECT = "lengthwise"


class Hosted(Tracker):
    """A run of the service, under the name of the run's directory; where that is resumed, the service's is too."""

    def __init__(self, service: Service, directory: Path) -> None:
        """ValueError where the package is not installed."""
        if importlib.util.find_spec(service) is None:
            raise ValueError(
                f"`train.tracking` asks for `{service}`, which must be installed, but is not. Install it with "
                f"`pip install 'lengthwise[{service}]'`."
            )
        self._service, self._directory = service, directory
        self._begun: Any = None

    def log(self, step: int, row: Mapping[str, float]) -> None:
        if self._begun is None:
            self._begun = self._begin()
        self._begun.log(dict(row), step=step)

    def _begin(self) -> Any:
        service = importlib.import_module(self._service)
        config = json.loads((self._directory / "config.json").read_text()) if self._has_config() else {}
        arguments: dict[str, Any] = {"project": PROJECT, "name": self._directory.name, "config": config}
        if self._service == "wandb":
            # One run of a directory, however often it is resumed.
            arguments |= {"id": self._identity(), "dir": str(self._directory)}
        return service.init(resume="allow", **arguments)

    def _has_config(self) -> bool:
        return (self._directory / "config.json").is_file()

    def _identity(self) -> str:
        file = self._directory / "tracking.json"
        if not file.is_file():
            file.write_text(json.dumps({"id": secrets.token_hex(8)}))
        return json.loads(file.read_text())["id"]

    def cut(self, step: int) -> None:
        """What a service has been told stays there, until rows of the same steps come again."""

    def flush(self) -> None:
        """It sends by itself."""

    def close(self) -> None:
        if self._begun is not None:
            self._begun.finish()
