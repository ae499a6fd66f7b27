"""Manual pages: passages by position, inside sections whose structure is the same in both languages."""

import gzip
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from lengthwise.data.sources.package import DebianPackages
from lengthwise.data.sources.parallel.reader import Pair, ParallelReader
from lengthwise.data.sources.parallel.roff import Section, sections

ENGLISH = (
    "manpages manpages-dev bsdextrautils bsdutils btrfs-progs bzip2 coreutils cron diffutils e2fsprogs fdisk gettext "
    "grep grub-common grub2-common gzip libsane-common mount mtools nfs-common openssh-client procps psutils recutils "
    "sysstat systemd systemd-boot systemd-container systemd-homed systemd-journal-remote systemd-oomd "
    "systemd-resolved tar udev util-linux"
).split()
ANCHOR = re.compile(r"--?[a-zA-Z][\w-]+|\b\w+_\w+|\b\w+\(\d\w*\)|\d+|/\w+/\S+")
MAX_CONFLICTS = 0.2
"""Share of a section's passages that may have no option, name or number in common; above it, versions differ."""


class ManPages(ParallelReader):
    """Passages of the manual pages that have been translated outside their programs' own sources."""

    name = "man_pages"
    licence = "GPL-3+, or that of each page"

    @property
    def material(self) -> DebianPackages:
        """The translations, and the packages that hold the English pages."""
        translated = (f"manpages-{self.language}", f"manpages-{self.language}-dev")
        return DebianPackages(
            (*ENGLISH, *translated), ("usr/share/man/man?/*.gz", f"usr/share/man/{self.language}/*.gz")
        )

    def pairs(self) -> Iterator[Pair]:
        """By page; an alias of a page adds nothing."""
        material = self.material
        english: dict[str, Path] = {}
        for package in ENGLISH:
            english.update(_pages(material.root(package) / "usr/share/man"))
        for package in material.names[-2:]:
            for name, path in _pages(material.root(package) / "usr/share/man" / self.language).items():
                if name in english:
                    yield from _page_pairs(f"man_pages/{name}", english[name], path)


def aligned(ours: Sequence[Section], theirs: Sequence[Section]) -> Iterator[tuple[str, str]]:
    """Passages of sections with equal structure; a translation may have sections of its own at the end."""
    if [section.level for section in ours] != [section.level for section in theirs[: len(ours)]]:
        return
    for source, target in zip(ours, theirs, strict=False):
        if [kind for kind, _ in source.passages] == [kind for kind, _ in target.passages]:
            texts = [(left, right) for (_, left), (_, right) in zip(source.passages, target.passages, strict=True)]
            conflicts = [is_conflict(left, right) for left, right in texts]
            if sum(conflicts) <= MAX_CONFLICTS * len(texts):
                yield from (text for text, is_bad in zip(texts, conflicts, strict=True) if not is_bad)


def is_conflict(english: str, foreign: str) -> bool:
    """Whether both name options, functions or numbers, and none in common."""
    ours, theirs = set(ANCHOR.findall(english)), set(ANCHOR.findall(foreign))
    return bool(ours and theirs and ours.isdisjoint(theirs))


def _page_pairs(document: str, ours: Path, theirs: Path) -> Iterator[Pair]:
    for source, target in aligned(sections(_text(ours)), sections(_text(theirs))):
        yield Pair(document, source, target)


def _pages(root: Path) -> dict[str, Path]:
    return {f"{path.parent.name}/{path.stem}": path for path in sorted(root.glob("man?/*.gz"))}


def _text(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode(errors="replace")
