"""Books that are DocBook in every language (GIMP's help, the Debian handbook): same structure, passage by passage."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

from lengthwise.data.sources.package import DebianPackages
from lengthwise.data.sources.parallel.reader import Pair, ParallelReader

TAG = re.compile(r"<!--.*?-->|<(/?)(\w+)([^>]*?)(/?)>", re.DOTALL)
CLASS = re.compile(r'\bclass="([^"]*)"')
INLINE = {"a", "abbr", "acronym", "b", "code", "em", "i", "img", "kbd", "q", "s", "small", "span", "strong", "sub"}
INLINE |= {"sup", "tt", "u", "var"}
VOID = {"br", "hr", "img", "meta", "link", "input", "col"}
SKIPPED_TAGS = {"head", "pre", "script", "style"}
SKIPPED_CLASSES = {"navheader", "navfooter", "docnav", "toc", "index", "edition", "author", "legalnotice"}
NUMBERING = re.compile(r"^(?:[A-Z]\.|\d+\.)(?:\d+\.)*\s+")


class GimpHelp(ParallelReader):
    """Passages of GIMP's user manual."""

    name = "gimp"
    licence = "GFDL-1.2+"

    @property
    def material(self) -> DebianPackages:
        """The manuals of both languages, without their images."""
        return DebianPackages(("gimp-help-en", f"gimp-help-{self.language}"), ("*.html",))

    def pairs(self) -> Iterator[Pair]:
        """File by file."""
        roots = (self.material.root(f"gimp-help-{language}") for language in ("en", self.language))
        ours, theirs = (
            root / "usr/share/gimp/2.0/help" / language
            for root, language in zip(roots, ("en", self.language), strict=True)
        )
        return aligned_pages(self.name, ours, theirs)


class DebianHandbook(ParallelReader):
    """Passages of The Debian Administrator's Handbook."""

    name = "handbook"
    licence = "GPL-2+ or CC-BY-SA-3.0"

    @property
    def material(self) -> DebianPackages:
        """One package holds all languages."""
        return DebianPackages(("debian-handbook",), ("*/html/en-US/*.html", f"*/html/{self._locale}/*.html"))

    def pairs(self) -> Iterator[Pair]:
        """File by file."""
        books = self.material.root("debian-handbook") / "usr/share/doc/debian-handbook/html"
        return aligned_pages(self.name, books / "en-US", books / self._locale)

    @property
    def _locale(self) -> str:
        return f"{self.language}-{self.language.upper()}"


def aligned_pages(name: str, ours: Path, theirs: Path) -> Iterator[Pair]:
    """Passages of the pages that have the same structure on both sides."""
    for path in sorted(ours.glob("*.html")):
        other = theirs / path.name
        if not other.is_file():
            continue
        english, foreign = blocks(path.read_text(errors="replace")), blocks(other.read_text(errors="replace"))
        if [kind for kind, _ in english] != [kind for kind, _ in foreign]:
            continue
        for (_, source), (_, target) in zip(english, foreign, strict=True):
            yield Pair(f"{name}/{path.name}", source, target)


def blocks(page: str) -> list[tuple[str, str]]:
    """Every stretch of text between block tags with the kind of its block: (`p.title`, `Filling`)."""
    found: list[tuple[str, str]] = []
    open_tags: list[tuple[str, str]] = []
    pieces: list[str] = []
    position = 0
    for tag in TAG.finditer(page):
        pieces.append(page[position : tag.start()])
        position = tag.end()
        name = tag[2]
        if name is None or name in INLINE:
            continue
        text = NUMBERING.sub("", " ".join(html.unescape("".join(pieces)).split()))
        pieces.clear()
        if text and not any(_is_skipped(*opened) for opened in open_tags):
            found.append((_kind(open_tags), text))
        _step(open_tags, tag)
    return found


def _step(open_tags: list[tuple[str, str]], tag: re.Match[str]) -> None:
    closing, name, attributes, alone = tag.groups()
    if closing:
        while open_tags and open_tags.pop()[0] != name:
            pass
    elif not alone and name not in VOID:
        classes = CLASS.search(attributes)
        open_tags.append((name, classes[1] if classes else ""))


def _kind(open_tags: list[tuple[str, str]]) -> str:
    return ".".join(part for part in (open_tags[-1] if open_tags else ()) if part)


def _is_skipped(name: str, classes: str) -> bool:
    return name in SKIPPED_TAGS or not SKIPPED_CLASSES.isdisjoint(classes.split())
