"""Stamps of Tux Paint, a drawing program for children: pictures with a short sentence each."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.curation.image_groups import grouped
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.beside import text_lines, with_texts
from lengthwise.data.sources.package import DebianPackages

PACKAGE = "tuxpaint-stamps-default"
FOLDER = "usr/share/tuxpaint/stamps"
MATERIAL = DebianPackages((PACKAGE,), (f"{FOLDER}/*.png", f"{FOLDER}/*.txt"))


@dataclass(frozen=True)
class TuxpaintStamps(Source):
    """785 pictures with their English captions; stamps whose captions are almost the same are one document."""

    name: str = "tuxpaint stamps"
    licence: str = "GPL-2+"

    def fetch(self, report: Report | None = None) -> None:
        """Bring the package."""
        MATERIAL.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Of the package."""
        return MATERIAL.checksums()

    def read(self) -> Iterator[Example | Rejected]:
        """Stamp by stamp, by name, behind those that are left out."""
        yield from stamps(MATERIAL.root(PACKAGE) / FOLDER)


def stamps(folder: Path) -> Iterator[Example | Rejected]:
    """Pictures of a folder; a caption is the first line of the text beside one, translations are behind it."""
    rows = []
    for pair in with_texts(folder, (".png",)):
        row = pair if isinstance(pair, Rejected) else _row(pair.stem, pair.file, pair.text)
        if isinstance(row, Rejected):
            yield row
        else:
            rows.append(row)
    yield from grouped(rows, has_captions=True)


def _row(stem: str, image: Path | None, text: Path | None) -> Example | Rejected:
    if image is None:
        return Rejected(reason="picture drawn in lines (SVG)", where=stem, is_bad=False)
    if text is None:
        return Rejected(reason="picture without caption", where=stem, is_bad=False)
    lines = text_lines(text, stem)
    if isinstance(lines, Rejected):
        return lines
    return {"inputs": Blob(str(image)), "targets": lines[0], "where": stem}
