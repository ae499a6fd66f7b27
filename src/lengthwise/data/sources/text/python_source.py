"""Python programs: the standard library of the Python that runs this."""

import hashlib
import platform
import sysconfig
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.text.passages import passages

BROKEN_ON_PURPOSE = ("lib2to3/tests", "test/bad", "test/encoded_modules", "test/tokenizedata")
"""Files that test a parser's complaints."""


@dataclass(frozen=True)
class StandardLibrary(Source):
    """Every top-level module or package is a document; installed packages are left out."""

    name: str = "python standard library"
    licence: str = "PSF-2.0"

    def fetch(self, report: Report | None = None) -> None:
        """It is there."""

    def checksums(self) -> dict[str, str]:
        """Of all files together, under Python's version."""
        digest = hashlib.sha256()
        for _, path in files():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return {f"python {platform.python_version()}": digest.hexdigest()}

    def read(self) -> Iterator[Example | Rejected]:
        """File by file, by name."""
        for name, path in files():
            try:
                with tokenize.open(path) as file:
                    text = file.read()
            except (SyntaxError, UnicodeDecodeError):
                yield Rejected(reason="not in its declared encoding", where=name)
                continue
            yield from passages(text, name.partition("/")[0].removesuffix(".py"))


def files() -> list[tuple[str, Path]]:
    """Name within the library and path of every file that is to be Python, by name."""
    root = Path(sysconfig.get_path("stdlib"))
    packages = [root / name for name in ("site-packages", "dist-packages")]
    return [
        (path.relative_to(root).as_posix(), path)
        for path in sorted(root.rglob("*.py"))
        if not any(path.is_relative_to(each) for each in packages)
        and not path.relative_to(root).as_posix().startswith(BROKEN_ON_PURPOSE)
    ]
