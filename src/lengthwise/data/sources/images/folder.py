"""Your own images: a folder for each class, and above them, if you like, one for each split."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.cache import SourceError, sha256
from lengthwise.data.sources.folder import files_of

ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")
SPLITS = {"train": "train", "validation": "validation", "valid": "validation", "val": "validation", "test": "test"}


@dataclass(frozen=True)
class ImageFolder(Source):
    """`cats/tom.jpg`, or `train/cats/tom.jpg`: the folder's name is the class."""

    path: str
    name: str = "image folder"
    licence: str = "your own"

    def fetch(self, report: Report | None = None) -> None:
        """Check that there are images in folders."""
        if not any(_place(name) for name, _ in files_of(Path(self.path), ENDINGS)):
            raise SourceError(f"`{self.path}` must hold a folder of images for each class, but has images alone.")

    def checksums(self) -> dict[str, str]:
        """Sha256 by name."""
        return {name: sha256(path) for name, path in files_of(Path(self.path), ENDINGS) if isinstance(path, Path)}

    def read(self) -> Iterator[Example | Rejected]:
        """File by file, by name."""
        for name, path in files_of(Path(self.path), ENDINGS):
            place = _place(name)
            if isinstance(path, Rejected):
                yield path
            elif place is None:
                yield Rejected(reason="in no folder of a class", where=name)
            else:
                yield {"inputs": Blob(str(path)), "targets": place[1], "split": place[0], "where": name}


def _place(name: str) -> tuple[str | None, str] | None:
    """Split, if it is fixed, and class of an image."""
    folders = Path(name).parts[:-1]
    if len(folders) > 1 and folders[0] in SPLITS:
        return SPLITS[folders[0]], folders[1]
    return (None, folders[0]) if folders and folders[0] not in SPLITS else None
