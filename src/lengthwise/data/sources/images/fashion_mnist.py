"""Fashion-MNIST (Xiao et al. 2017, arXiv 1708.07747): 70,000 grey pictures of clothes, 28 x 28, of ten kinds."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.cache import Entry, SourceError
from lengthwise.data.sources.package import DebianPackages

PACKAGE = "dataset-fashion-mnist"
CLASSES = (
    "T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"
)  # fmt: skip
NUM_TRAIN = 55_000
"""Of the 60,000 published for training; the others are for validation."""
HEADER, SIZE, SIDE = 16, 784, 28


@dataclass(frozen=True)
class FashionMnist(Source):
    """In the published splits, the last 5,000 of train as validation."""

    name: str = "fashion-mnist"
    licence: str = "MIT"
    is_split_exact = True

    @property
    def material(self) -> DebianPackages:
        """The package."""
        return DebianPackages((PACKAGE,), ("usr/share/datasets/fashion-mnist/*-ubyte.gz",))

    def fetch(self, report: Report | None = None) -> None:
        """Bring the package, and unpack its images once."""
        self.material.fetch(report)
        self._pixels.fill(self._unpack)

    def checksums(self) -> dict[str, str]:
        """Of the package."""
        return self.material.checksums()

    def read(self) -> Iterator[Example | Rejected]:
        """All images in the published order."""
        for part, name in (("train", "train"), ("t10k", "test")):
            path = str(self._pixels.tree / f"{part}.pixels")
            labels = np.frombuffer(_open(self._folder / f"{part}-labels-idx1-ubyte.gz"), np.uint8)[8:]
            for number, label in enumerate(labels.tolist()):
                split = "validation" if name == "train" and number >= NUM_TRAIN else name
                blob = Blob(path, number * SIZE, SIZE, (SIDE, SIDE, 1))
                yield {"inputs": blob, "targets": CLASSES[label], "split": split, "where": f"{part} {number}"}

    @property
    def _folder(self) -> Path:
        return self.material.root(PACKAGE) / "usr/share/datasets/fashion-mnist"

    @property
    def _pixels(self) -> Entry:
        return Entry("images/fashion-mnist")

    def _unpack(self, tree: Path) -> dict[str, str]:
        for part in ("train", "t10k"):
            pixels = _open(self._folder / f"{part}-images-idx3-ubyte.gz")[HEADER:]
            if len(pixels) % SIZE:
                raise SourceError(f"{part} of {PACKAGE} must be images of {SIZE} pixels, but is not. Report this.")
            (tree / f"{part}.pixels").write_bytes(pixels)
        return self.material.checksums()


def _open(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())
