"""LibreOffice's help: a paragraph has the same id in every language."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

from lengthwise.data.sources.package import DebianPackages
from lengthwise.data.sources.parallel.reader import Pair, ParallelReader

PARAGRAPH = re.compile(r'<(p|h[1-6])\b[^>]*?\bid="([^"]+)"[^>]*>(.*?)</\1>', re.DOTALL)
TAG = re.compile(r"<(/?)(\w+)([^>]*)>")
HELP = "usr/share/libreoffice/help"


class LibreOfficeHelp(ParallelReader):
    """Paragraphs and headings of LibreOffice's help pages."""

    name = "libreoffice"
    licence = "MPL-2.0"

    @property
    def material(self) -> DebianPackages:
        """The help packages of both languages."""
        return DebianPackages(("libreoffice-help-en-us", self._package), ("*.html",))

    def pairs(self) -> Iterator[Pair]:
        """By file name, so that the first of many pages that embed a paragraph is always the same."""
        ours = self.material.root("libreoffice-help-en-us") / HELP / "en-US"
        theirs = self.material.root(self._package) / HELP / self.language
        for path in sorted(ours.rglob("*.html")):
            name = path.relative_to(ours)
            if not (theirs / name).is_file():
                continue
            english, foreign = paragraphs(path), paragraphs(theirs / name)
            for key in english:
                if key in foreign:
                    yield Pair(f"libreoffice/{name}", english[key], foreign[key])

    @property
    def _package(self) -> str:
        return f"libreoffice-help-{self.language}"


def paragraphs(path: Path) -> dict[str, str]:
    """Plain text of each paragraph and heading with an id; the first of equal ids."""
    found: dict[str, str] = {}
    for match in PARAGRAPH.finditer(path.read_text(errors="replace")):
        text = visible_text(match[3])
        if text:
            found.setdefault(match[2], text)
    return found


def visible_text(markup: str) -> str:
    """Text without tags and without hidden spans, which repeat a passage for another operating system."""
    pieces, position, hidden = [], 0, 0
    for tag in TAG.finditer(markup):
        if not hidden:
            pieces.append(markup[position : tag.start()])
        position = tag.end()
        if tag[2] == "br":
            pieces.append(" ")
        elif tag[2] == "span" and tag[1]:
            hidden = max(0, hidden - 1)
        elif tag[2] == "span" and (hidden or "hidden" in tag[3]):
            hidden += 1
    pieces.append("" if hidden else markup[position:])
    return " ".join(html.unescape("".join(pieces)).split())
