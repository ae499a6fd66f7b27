"""Packages as data: Debian packages, the translations of Debian's package descriptions, and wheels, never run."""

import hashlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

from lengthwise.data.problem import Report
from lengthwise.data.sources import apt
from lengthwise.data.sources.archive import EVERYTHING, unpack
from lengthwise.data.sources.cache import Cached, Entry, SourceError, cache_root, sha256
from lengthwise.data.sources.client import ClientFailed, call


@dataclass(frozen=True)
class DebianPackages(Cached):
    """Files of Debian packages whose path matches a pattern; the newest version that the machine's sources have."""

    names: tuple[str, ...]
    keep: tuple[str, ...] = EVERYTHING
    """Shell patterns of the paths to unpack: `usr/share/locale/de/*`."""

    def fetch(self, report: Report | None = None) -> None:
        """Download and unpack what is not in the cache; a package that does not exist is a SourceError."""
        for done, name in enumerate(self.names):
            if report:
                report(f"fetching {name}", done, len(self.names))
            self._entry(name).fill(lambda tree, name=name: self._bring(name, tree))

    def checksums(self) -> dict[str, str]:
        """Sha256 of each package file."""
        return {file: digest for name in self.names for file, digest in self._entry(name).origin.items()}

    def root(self, name: str) -> Path:
        """Where a package lies unpacked, verified against its recorded checksums."""
        entry = self._entry(name)
        entry.verify()
        return entry.tree

    def _entry(self, name: str) -> Entry:
        return Entry(f"debian/{name}-{_digest(self.keep)}")

    def _bring(self, name: str, tree: Path) -> dict[str, str]:
        downloads = cache_root() / "downloads"
        package = apt.download(name, downloads)
        if unpack(package, tree, self.keep) == 0:
            raise SourceError(f"`{package.name}` has no file like {', '.join(self.keep)}. Report this: it has moved.")
        origin = {package.name: sha256(package)}
        package.unlink()
        return origin


@dataclass(frozen=True)
class DebianTranslations(Cached):
    """Debian's package descriptions in several languages, and which source each package is built from."""

    languages: tuple[str, ...]

    def fetch(self, report: Report | None = None) -> None:
        """Ask apt for the `Translation-*` indices unless they are in the cache."""
        if report:
            report("fetching package descriptions", 0, 1)
        self._entry.fill(self._bring)

    def checksums(self) -> dict[str, str]:
        """Sha256 of each index."""
        return self._entry.checksums

    def path(self, language: str) -> Path:
        """The descriptions in a language, as deb822 text."""
        return self._entry.tree / f"Translation-{language}"

    @property
    def built_from(self) -> Path:
        """A table of two columns: package, source package."""
        return self._entry.tree / "sources.tsv"

    @property
    def _entry(self) -> Entry:
        return Entry(f"descriptions/{'-'.join(self.languages)}")

    def _bring(self, tree: Path) -> dict[str, str]:
        apt.update(self.languages)
        for language in self.languages:
            found = apt.lists(f"*_Translation-{language}*")
            if not found:
                raise SourceError(f"Debian has no package descriptions in `{language}`. Use a code like de, fr or it.")
            (tree / f"Translation-{language}").write_bytes(b"\n".join(found.values()))
        (tree / "sources.tsv").write_text(_fields("Source"))
        return {}


@dataclass(frozen=True)
class DebianSections(Cached):
    """Which section of the archive each of Debian's packages is in: what its maintainers take it to be."""

    def fetch(self, report: Report | None = None) -> None:
        """Ask apt for the indices of packages unless the table is in the cache."""
        self._entry.fill(self._bring)

    def checksums(self) -> dict[str, str]:
        """Sha256 of the table."""
        return self._entry.checksums

    @property
    def sections(self) -> dict[str, str]:
        """Package -> section, without the part of the archive (`contrib/`)."""
        rows = (line.split("\t") for line in (self._entry.tree / "sections.tsv").read_text().splitlines())
        return {package: section.rpartition("/")[2] for package, section in rows}

    @property
    def _entry(self) -> Entry:
        return Entry("sections")

    def _bring(self, tree: Path) -> dict[str, str]:
        apt.update()
        (tree / "sections.tsv").write_text(_fields("Section"))
        return {}


@dataclass(frozen=True)
class PythonWheel(Cached):
    """A wheel from the Python package index, unzipped and never run."""

    name: str
    version: str
    keep: tuple[str, ...] = EVERYTHING

    def fetch(self, report: Report | None = None) -> None:
        """Download and unzip the wheel unless it is in the cache."""
        if report:
            report(f"fetching {self.name}", 0, 1)
        self._entry.fill(self._bring)

    def checksums(self) -> dict[str, str]:
        """Sha256 of the wheel."""
        return self._entry.origin

    @property
    def root(self) -> Path:
        """Where the wheel lies unpacked, verified against its recorded checksums."""
        self._entry.verify()
        return self._entry.tree

    @property
    def _entry(self) -> Entry:
        return Entry(f"wheels/{self.name}-{self.version}-{_digest(self.keep)}")

    def _bring(self, tree: Path) -> dict[str, str]:
        downloads = cache_root() / "downloads" / f"{self.name}-{self.version}"
        _pip_download(f"{self.name}=={self.version}", downloads)
        wheel = next(downloads.glob("*.whl"))
        if unpack(wheel, tree, self.keep) == 0:
            raise SourceError(f"`{wheel.name}` has no file like {', '.join(self.keep)}. Check the name and version.")
        origin = {wheel.name: sha256(wheel)}
        wheel.unlink()
        return origin


def _pip_download(requirement: str, directory: Path) -> None:
    if importlib.util.find_spec("pip") is None:
        raise SourceError(f"`pip` is missing in {sys.executable}. Install it: python -m ensurepip.")
    # Only wheels: pip would run the build of a source distribution.
    options = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--no-input", "--quiet"]
    try:
        call([sys.executable, "-m", "pip", "download", *options, "--dest", str(directory), requirement])
    except ClientFailed as error:
        if "No matching distribution" in error.output:
            message = f"The Python package index has no wheel `{requirement}`. Check the name and version."
            raise SourceError(message) from error
        raise


def _fields(name: str) -> str:
    """A table of all packages in apt's indices that have this field, and its first word."""
    rows, wanted = set(), ("Package: ", f"{name}: ")
    for stanza in b"\n".join(apt.lists("*_Packages*").values()).decode(errors="replace").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in stanza.splitlines() if line.startswith(wanted))
        if name in fields and "Package" in fields:
            rows.add(f"{fields['Package']}\t{fields[name].split(' ')[0]}\n")
    return "".join(sorted(rows))


def _digest(keep: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(keep).encode()).hexdigest()[:8]
