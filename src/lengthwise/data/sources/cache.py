"""The cache on disk: entries appear whole or not at all, and every file's sha256 is recorded beside it."""

import hashlib
import json
import os
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lengthwise.data.problem import Report

RECORD = "record.json"


class SourceError(ValueError):
    """A source could not be fetched or read; the message is one line and says what to do."""


def cache_root() -> Path:
    """`$LENGTHWISE_CACHE`, or `~/.cache/lengthwise`."""
    return Path(os.environ.get("LENGTHWISE_CACHE") or "~/.cache/lengthwise").expanduser()


def sha256(path: Path) -> str:
    """Hexadecimal checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomically(path: Path, data: bytes | str) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """Give a directory to fill, which becomes `target` when the block ends well and vanishes when it does not."""
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        yield aside
        if target.exists():
            shutil.rmtree(target)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def exclusive() -> Iterator[None]:
    """Hold the cache's lock, so that one process at a time fetches."""
    path = cache_root() / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Entry:
    """A named directory in the cache: `tree/` with the files and `record.json`, written last, with their checksums."""

    def __init__(self, name: str) -> None:
        """Name an entry; nothing is read or made."""
        self.path = cache_root() / "sources" / name
        self.tree = self.path / "tree"

    @property
    def is_whole(self) -> bool:
        """Whether every recorded file is there with its recorded size."""
        if not (self.path / RECORD).is_file():
            return False
        return all(_size(self.tree / name) == size for name, (size, _) in self._record()["files"].items())

    @property
    def origin(self) -> dict[str, str]:
        """What the entry was made from: name of each downloaded file and its sha256."""
        return self._record()["origin"]

    @property
    def checksums(self) -> dict[str, str]:
        """Sha256 of each file of the tree, by relative name."""
        return {name: checksum for name, (_, checksum) in self._record()["files"].items()}

    def fill(self, write: Callable[[Path], dict[str, str]]) -> None:
        """Make the entry unless it is whole: `write` puts files into a directory and returns the origin."""
        if self.is_whole:
            return
        with exclusive():
            if not self.is_whole:  # another process may have made it while this one waited
                self._make(write)

    def verify(self) -> None:
        """Compare every file with its recorded checksum; a damaged entry is dropped and named (SourceError)."""
        for name, checksum in self.checksums.items():
            path = self.tree / name
            if not path.is_file() or sha256(path) != checksum:
                shutil.rmtree(self.path)
                raise SourceError(f"{path} was damaged and has been removed from the cache. Run the command again.")

    def _make(self, write: Callable[[Path], dict[str, str]]) -> None:
        with whole_directory(self.path) as directory:
            tree = directory / "tree"
            tree.mkdir()
            origin = write(tree)
            files = {name: (path.stat().st_size, sha256(path)) for name, path in _files(tree)}
            write_atomically(directory / RECORD, json.dumps({"origin": origin, "files": files}))

    def _record(self) -> dict:
        return json.loads((self.path / RECORD).read_text())


class Cached(ABC):
    """Something from outside that is fetched once into the cache."""

    @abstractmethod
    def fetch(self, report: Report | None = None) -> None:
        """Bring what is not in the cache yet; does nothing, and asks no network, when all is there."""

    @abstractmethod
    def checksums(self) -> dict[str, str]:
        """Sha256 by name of everything fetched."""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _files(tree: Path) -> list[tuple[str, Path]]:
    return sorted((str(path.relative_to(tree)), path) for path in tree.rglob("*") if path.is_file())
