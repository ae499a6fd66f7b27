"""Titles of the Open Clip Art Library's drawings (public domain), with the drawings as pixels."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.curation.image_groups import grouped
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.images.openclipart import IMAGES
from lengthwise.data.sources.images.openclipart import folder as images_folder
from lengthwise.data.sources.package import DebianPackages

PACKAGE = "openclipart-svg"
FOLDER = "usr/share/openclipart/svg"
DRAWINGS = DebianPackages((PACKAGE,), (f"{FOLDER}/*.svg",))
TITLE = re.compile(r"<dc:title[^>]*>(.*?)</dc:title>", re.DOTALL)
CREDIT = re.compile(r"^clip ?art by [^-]+- ", re.IGNORECASE)
MAX_IMAGES = 5
"""Of one title: above it, it is that of a collection."""


@dataclass(frozen=True)
class OpenclipartTitles(Source):
    """2,878 drawings with titles of their own; drawings whose titles are almost the same are one document."""

    name: str = "openclipart titles"
    licence: str = "public domain"

    def fetch(self, report: Report | None = None) -> None:
        """Bring both packages."""
        IMAGES.fetch(report)
        DRAWINGS.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Of both packages."""
        return {**IMAGES.checksums(), **DRAWINGS.checksums()}

    def read(self) -> Iterator[Example | Rejected]:
        """Drawing by drawing, by name, behind those that are left out."""
        yield from titled(images_folder(), DRAWINGS.root(PACKAGE) / FOLDER)


def titled(images: Path, drawings: Path) -> Iterator[Example | Rejected]:
    """Images of a folder with the title in the SVG file of the same name in another."""
    titles: dict[Path, str] = {}
    for path in sorted(images.rglob("*.png")):
        drawing = (drawings / path.relative_to(images)).with_suffix(".svg")
        titles[path] = title_of(drawing.read_text(encoding="utf-8", errors="replace")) if drawing.is_file() else ""
    counts = Counter(title.casefold() for title in titles.values())
    rows = []
    for path, title in titles.items():
        where = path.relative_to(images).with_suffix("").as_posix()
        if not any(map(str.isalpha, title)):
            yield Rejected(reason="no title", where=where, is_bad=False)
        elif counts[title.casefold()] > MAX_IMAGES:
            yield Rejected(reason="title of a collection", where=where, is_bad=False)
        else:
            rows.append({"inputs": Blob(str(path)), "targets": title, "where": where})
    yield from grouped(rows, has_captions=True)


def title_of(svg: str) -> str:
    """The first title in a drawing's metadata, which is its own; without who drew it."""
    found = TITLE.search(svg)
    # Some titles were escaped twice.
    text = html.unescape(html.unescape(found[1])) if found else ""
    text = " ".join(re.sub(r"<[^>]*>|_", " ", text).split())
    return "" if text.startswith("HASH(") else CREDIT.sub("", text)
