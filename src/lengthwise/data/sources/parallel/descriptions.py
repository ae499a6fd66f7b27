"""Debian's package descriptions and their translations (DDTP), matched by a checksum of the English text."""

import re
from collections.abc import Iterator
from pathlib import Path

from lengthwise.data.sources.package import DebianTranslations
from lengthwise.data.sources.parallel.reader import Pair, ParallelReader

BULLET = re.compile(r"^\s*(?:[-*+o•·]|\d+[.)])\s+")


class PackageDescriptions(ParallelReader):
    """Summaries and paragraphs of package descriptions."""

    name = "descriptions"
    licence = "GPL-2+, or that of each package"

    @property
    def material(self) -> DebianTranslations:
        """The indices of both languages."""
        return DebianTranslations(("en", self.language))

    def pairs(self) -> Iterator[Pair]:
        """By package; the document is the source package, whose parts describe themselves alike."""
        sources = dict(line.split("\t") for line in self.material.built_from.read_text().splitlines())
        english = {digest: text for _, digest, text in descriptions(self.material.path("en"))}
        for package, digest, text in descriptions(self.material.path(self.language)):
            if digest in english:
                document = f"descriptions/{sources.get(package, package)}"
                for source, target in aligned(english[digest], text):
                    yield Pair(document, source, target)


def descriptions(path: Path) -> Iterator[tuple[str, str, str]]:
    """Package, checksum and text (the summary is its first line) of each stanza."""
    for stanza in path.read_text(errors="replace").split("\n\n"):
        package = re.search(r"(?m)^Package: (\S+)", stanza)
        digest = re.search(r"(?m)^Description-md5: (\S+)", stanza)
        text = re.search(r"(?m)^Description-[a-zA-Z_]{2,5}: (.*(?:\n .*)*)", stanza)
        if package and digest and text:
            yield package[1], digest[1], text[1]


def aligned(english: str, foreign: str) -> Iterator[tuple[str, str]]:
    """Passages of two descriptions: the summaries, then paragraphs where there are equally many, then list items."""
    (summary, ours), (other, theirs) = paragraphs(english), paragraphs(foreign)
    yield summary, other
    if len(ours) != len(theirs):
        return
    for source, target in zip(ours, theirs, strict=True):
        if len(source) == len(target):
            yield from zip(source, target, strict=True)


def paragraphs(text: str) -> tuple[str, list[list[str]]]:
    """The summary, and each paragraph as its running text and list items."""
    summary, *lines = text.split("\n")
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip() in (".", ""):
            found.append([])
        elif found[-1] and not BULLET.match(line):
            found[-1][-1] += " " + line.strip()
        else:
            found[-1].append(BULLET.sub("", line).strip())
    return summary, [paragraph for paragraph in found if paragraph]
