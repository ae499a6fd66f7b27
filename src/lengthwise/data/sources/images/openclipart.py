"""Drawings of the Open Clip Art Library as pixels, in 22 folders by what they show; in colour, of all sizes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.curation.image_groups import grouped
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.package import DebianPackages

PACKAGE = "openclipart-png"
FOLDER = "usr/share/openclipart/png"
IMAGES = DebianPackages((PACKAGE,), (f"{FOLDER}/*.png",))


@dataclass(frozen=True)
class Openclipart(Source):
    """6,900 images; those of a series (`tux_01.png`, `tux_02.png`) or of the same look are one document."""

    name: str = "openclipart"
    licence: str = "public domain"

    def fetch(self, report: Report | None = None) -> None:
        """Bring the package."""
        IMAGES.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Of the package."""
        return IMAGES.checksums()

    def read(self) -> Iterator[Example | Rejected]:
        """Image by image, by name."""
        yield from classified(folder())


def classified(root: Path) -> list[Example]:
    """Images in a folder for each class, those of a series or of the same look as one document."""
    names = [(path.relative_to(root), path) for path in sorted(root.rglob("*.png"))]
    rows = [{"inputs": Blob(str(path)), "targets": name.parts[0], "where": name.as_posix()} for name, path in names]
    return grouped(rows, has_captions=False)


def folder() -> Path:
    """Where the images lie, in a folder for each class; verified."""
    return IMAGES.root(PACKAGE) / FOLDER
