"""Rows of metrics as TensorBoard events, where TensorBoard is installed."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lengthwise.training.tracking.tracker import Tracker


def is_installed() -> bool:
    """Whether `pip install lengthwise[tensorboard]` was done."""
    return importlib.util.find_spec("tensorboard") is not None


class TensorBoard(Tracker):
    """Scalars under their own names, in a directory that `tensorboard --logdir` reads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._purge_step: int | None = None
        self._writer: Any = None

    def log(self, step: int, row: Mapping[str, float]) -> None:
        if self._writer is None:
            from torch.utils.tensorboard import SummaryWriter  # loads in seconds: only once there is something to write

            self._writer = SummaryWriter(str(self._path), purge_step=self._purge_step)
        for name, value in row.items():
            self._writer.add_scalar(name, value, step)

    def cut(self, step: int) -> None:
        self._purge_step = step + 1

    def flush(self) -> None:
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
