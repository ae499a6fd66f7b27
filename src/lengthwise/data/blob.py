"""Bytes that are an image or a sound: what examples of those kinds hold until a codec reads them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Blob:
    """A file, or a part of one."""

    path: str
    begin: int = 0
    size: int | None = None
    """Bytes; None: up to the file's end."""
    shape: tuple[int, ...] | None = None
    """Of raw 8-bit pixels, `(height, width, channels)`; None: the bytes are of a file format that says it itself."""

    def read(self) -> bytes:
        """The bytes; OSError where the file is gone, ValueError where it is shorter than it must be."""
        with Path(self.path).open("rb") as file:
            file.seek(self.begin)
            data = file.read() if self.size is None else file.read(self.size)
        if self.size is not None and len(data) < self.size:
            raise ValueError(f"`{self}` must have {self.size:,} bytes, but has {len(data):,}.")
        return data

    def __str__(self) -> str:
        return f"{self.path}#{self.begin}" if self.begin or self.size is not None else self.path
