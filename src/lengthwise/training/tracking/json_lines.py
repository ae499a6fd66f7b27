"""Rows of metrics as JSON lines: the record of a run that every tool can read."""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lengthwise.training.tracking.tracker import Tracker


class JsonLines(Tracker):
    """One line a row, written at once; a torn last line is dropped by `cut`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab", buffering=0)

    def log(self, step: int, row: Mapping[str, float]) -> None:
        line = json.dumps({"step": step, **row}) + "\n"
        data = line.encode()
        try:
            if self._file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise ValueError(
                f"The metrics {self.path} could not be written ({error.strerror}); checkpoints are kept. "
                "Make room and run the same command again: it resumes."
            ) from error

    def cut(self, step: int) -> None:
        kept = "".join(json.dumps(row) + "\n" for row in read_json_lines(self.path) if row["step"] <= step)
        aside = self.path.with_name(f".{self.path.name}.part")
        with aside.open("w") as file:
            file.write(kept)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self.path)
        self._file.close()
        self._file = self.path.open("ab", buffering=0)

    def flush(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def read_json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file of metrics up to the first torn line; none where there is no file."""
    if not path.exists():
        return
    with path.open(errors="replace") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                return
