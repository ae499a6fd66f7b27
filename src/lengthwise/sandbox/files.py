"""What a candidate's files take where its folder lies on a file system that others use: those that it hides too."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress


class HiddenFile(Exception):
    """A file whose size cannot be told."""


class Files:
    """All files of one process, below its folder or deleted and still open."""

    def __init__(self, pid: int, proc: int, folder: str) -> None:
        """Of a process just begun; `proc` is a descriptor of /proc."""
        self._folder = os.path.realpath(folder)
        self._open = os.open(f"{pid}/fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=proc)
        self._mapped = os.open(f"{pid}/maps", os.O_RDONLY | os.O_CLOEXEC, dir_fd=proc)

    def size(self) -> int:
        """Bytes that they take; raises `HiddenFile`."""
        if any(path.startswith(f"{self._folder}/") and path.endswith(" (deleted)") for path in self._mappings()):
            raise HiddenFile("a file that is mapped and deleted")
        try:
            return sum(
                {(it.st_dev, it.st_ino): it.st_blocks * 512 for it in (*self._below(), *self._deleted())}.values()
            )
        except PermissionError:
            raise HiddenFile("a folder that its owner has locked") from None

    def _below(self) -> Iterator[os.stat_result]:
        for parent, _, names in os.walk(self._folder, onerror=_unless_gone):
            for name in names:
                with suppress(FileNotFoundError):
                    yield os.lstat(os.path.join(parent, name))

    def _deleted(self) -> Iterator[os.stat_result]:
        for name in os.listdir(self._open):
            with suppress(FileNotFoundError):
                found = os.stat(name, dir_fd=self._open)
                if stat.S_ISREG(found.st_mode) and not found.st_nlink:
                    yield found

    def _mappings(self) -> Iterator[str]:
        os.lseek(self._mapped, 0, os.SEEK_SET)
        with open(self._mapped, encoding="utf-8", errors="replace", closefd=False) as file:
            fields = (line.rstrip("\n").split(maxsplit=5) for line in file)
            yield from (each[5] for each in fields if len(each) == 6)


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
