"""How far a corpus has come, kept beside its finished files: a run that was stopped goes on behind them."""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lengthwise.data.problem import Rejected
from lengthwise.data.rejections import Rejections
from lengthwise.data.sources.cache import write_atomically

PROGRESS, LOCK = "progress.json", "lock"


@dataclass
class Tally:
    """Of one input."""

    num_read: int = 0
    num_kept: int = 0
    bytes_read: int = 0
    bytes_kept: int = 0
    rejections: Rejections = field(default_factory=Rejections)

    def to_json(self) -> dict[str, object]:
        """Numbers, and what was left out by reason."""
        counts = {key: value for key, value in vars(self).items() if key != "rejections"}
        return {**counts, "left_out": self.rejections.to_json()}


@dataclass
class Progress:
    """Of a folder that is not finished."""

    folder: Path
    settings: dict[str, Any]
    tallies: dict[str, Tally]
    num_parts: int = 0
    """Files that are whole."""
    seconds: float = 0.0

    def save(self) -> None:
        """Once a file is whole."""
        values = {key: value for key, value in asdict(self).items() if key != "folder"}
        write_atomically(self.folder / PROGRESS, json.dumps(values))

    def finish(self, directory: Path) -> None:
        """Give the folder its name."""
        for name in (PROGRESS, LOCK):
            (self.folder / name).unlink(missing_ok=True)
        self.folder.rename(directory)


@contextmanager
def progress_of(folder: Path, settings: dict[str, Any], inputs: Iterable[str]) -> Iterator[Progress]:
    """Where an earlier call with the same settings stopped, or the beginning.

    ValueError where another process is at it. What fails before the first file is whole leaves nothing.
    """
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"`{folder}` is being written by another process. Wait for it.") from None
        progress = _saved(folder, settings) or Progress(folder, settings, {name: Tally() for name in inputs})
        for path in sorted(folder.glob("part-*"))[progress.num_parts :]:
            path.unlink()
        try:
            yield progress
        except BaseException:
            if not progress.num_parts:
                shutil.rmtree(folder, ignore_errors=True)
            raise


def _saved(folder: Path, settings: dict[str, Any]) -> Progress | None:
    try:
        values = json.loads((folder / PROGRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if values["settings"] != settings:
        return None
    tallies = {name: Tally(**{**each, "rejections": _rejections(each)}) for name, each in values["tallies"].items()}
    return Progress(folder, settings, tallies, values["num_parts"], values["seconds"])


def _rejections(tally: dict[str, Any]) -> Rejections:
    saved = tally["rejections"]
    first = saved["first_bad"]
    return Rejections(**{**saved, "first_bad": first and Rejected(**first)})
