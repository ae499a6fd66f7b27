"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009) from files that you have: 60,000 images in colour, 32 x 32."""

import hashlib
import io
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.archive import unpack
from lengthwise.data.sources.cache import Entry, SourceError, sha256
from lengthwise.data.sources.images.mnist import ArraysOnly

SIDE = 32
SIZE = 3 * SIDE * SIDE
VALIDATION = 0.1
"""Share of the published training images, from their end."""
PARTS = {10: {"train": [f"data_batch_{n}" for n in range(1, 6)], "test": ["test_batch"]},
         100: {"train": ["train"], "test": ["test"]}}  # fmt: skip
NAMES = {10: ("batches.meta", "label_names", "labels"), 100: ("meta", "fine_label_names", "fine_labels")}
"""File of the classes' names in the Python version, its key for them, and the images' key for their classes."""
TEXTS = {10: "batches.meta.txt", 100: "fine_label_names.txt"}

Images = tuple[np.ndarray, list[int]]
"""Bytes [images, 3 x 32 x 32], and classes."""


@dataclass(frozen=True)
class Cifar(Source):
    """The binary or the Python version, as a folder or the archive it comes in; the last tenth of train validates."""

    path: str
    num_classes: Literal[10, 100] = 10
    name: str = "cifar"
    licence: str = "none stated"
    is_split_exact = True

    def fetch(self, report: Report | None = None) -> None:
        """Write the images' bytes once, in the order that images have here: row by row, three colours a pixel."""
        if not Path(self.path).exists():
            raise SourceError(f"`{self.path}` must be CIFAR's folder or archive, but does not exist.")
        self._pixels.fill(self._unpack)

    def checksums(self) -> dict[str, str]:
        """Sha256 of each file, or of the archive."""
        path = Path(self.path)
        return {str(each): sha256(each) for each in (_files(path, self.num_classes) if path.is_dir() else [path])}

    def read(self) -> Iterator[Example | Rejected]:
        """All images in the published order."""
        names = (self._pixels.tree / "names").read_text(encoding="utf-8").splitlines()
        for part in ("train", "test"):
            path = str(self._pixels.tree / f"{part}.pixels")
            labels = (self._pixels.tree / f"{part}.labels").read_bytes()
            begin = len(labels) - int(VALIDATION * len(labels))
            for number, label in enumerate(labels):
                split = "validation" if part == "train" and number >= begin else part
                blob = Blob(path, number * SIZE, SIZE, (SIDE, SIDE, 3))
                yield {"inputs": blob, "targets": names[label], "split": split, "where": f"{part} {number}"}

    @property
    def _pixels(self) -> Entry:
        digest = hashlib.sha256("".join(self.checksums().values()).encode()).hexdigest()[:16]
        return Entry(f"images/cifar{self.num_classes}-{digest}")

    def _unpack(self, tree: Path) -> dict[str, str]:
        path = Path(self.path)
        with tempfile.TemporaryDirectory() as aside:
            if path.is_file():
                unpack(path, Path(aside))
                path = Path(aside)
            files = {file.name: file for file in _files(path, self.num_classes)}
            names = _names(files, self.num_classes)
            for part, wanted in PARTS[self.num_classes].items():
                images = [_images(_file(files, name), self.num_classes) for name in wanted]
                pixels = np.concatenate([each for each, _ in images]).reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
                labels = [label for _, some in images for label in some]
                if max(labels) >= len(names):
                    raise SourceError(f"`{self.path}` must be of {len(names)} classes, but has class {max(labels)}.")
                (tree / f"{part}.pixels").write_bytes(np.ascontiguousarray(pixels).tobytes())
                (tree / f"{part}.labels").write_bytes(bytes(labels))
        (tree / "names").write_text("\n".join(names), encoding="utf-8")
        return self.checksums()


def _files(folder: Path, num_classes: int) -> list[Path]:
    """Those of CIFAR in a folder or below it, once each."""
    parts = [name for some in PARTS[num_classes].values() for name in some]
    wanted = {*parts, *(f"{name}.bin" for name in parts), NAMES[num_classes][0], TEXTS[num_classes]}
    found = {path.name: path for path in sorted(folder.rglob("*"), reverse=True) if path.name in wanted}
    return sorted(path for path in found.values() if path.is_file())


def _file(files: Mapping[str, Path], name: str) -> Path:
    found = files.get(f"{name}.bin") or files.get(name)
    if found is None:
        raise SourceError(f"CIFAR's `{name}` or `{name}.bin` must be there, but is not. Unpack the whole archive.")
    return found


def _names(files: Mapping[str, Path], num_classes: int) -> list[str]:
    meta, key, _ = NAMES[num_classes]
    if (text := files.get(TEXTS[num_classes])) is not None:
        found = text.read_text(encoding="utf-8").split()
    else:
        found = [str(name) for name in _unpickled(_file(files, meta)).get(key) or ()]
    if len(found) != num_classes or len(set(found)) != num_classes:
        raise SourceError(f"CIFAR-{num_classes} must name {num_classes} classes, but names {len(found)}.")
    return found


def _images(path: Path, num_classes: int) -> Images:
    if path.suffix == ".bin":
        width = SIZE + (1 if num_classes == 10 else 2)
        data = np.frombuffer(path.read_bytes(), np.uint8)
        if not len(data) or len(data) % width:
            raise SourceError(f"`{path}` must hold rows of {width:,} bytes, but has {len(data):,} bytes. Get it anew.")
        rows = data.reshape(-1, width)
        return rows[:, -SIZE:], rows[:, -SIZE - 1].tolist()
    found = _unpickled(path)
    data, labels = found.get("data"), found.get(NAMES[num_classes][2])
    if not isinstance(data, np.ndarray) or data.shape[1:] != (SIZE,) or not isinstance(labels, list):
        raise SourceError(f"`{path}` must hold images of {SIZE:,} bytes and their classes, but does not. Get it anew.")
    if data.dtype != np.uint8 or not len(data) or len(data) != len(labels):
        raise SourceError(f"`{path}` must hold a class for each image, but has {len(labels)} for {len(data)}.")
    return data, labels


def _unpickled(path: Path) -> dict[str, Any]:
    """What a pickle holds, which may be arrays, numbers and texts alone."""
    try:
        found = ArraysOnly(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    except SourceError:
        raise
    except Exception as error:  # what a broken pickle makes its reader stumble over
        raise SourceError(f"`{path}` is broken ({type(error).__name__}). Get it anew.") from error
    return found if isinstance(found, dict) else {}
