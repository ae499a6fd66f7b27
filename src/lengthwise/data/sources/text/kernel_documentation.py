"""The documentation of the Linux kernel, as its authors write it (reStructuredText)."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.package import DebianPackages
from lengthwise.data.sources.text.passages import passages

KEPT = ("usr/share/doc/linux-doc*/Documentation/*",)
ENDINGS = (".rst", ".txt", ".rst.gz", ".txt.gz")


@dataclass(frozen=True)
class KernelDocumentation(Source):
    """Every text file is a document."""

    name: str = "linux-doc"
    licence: str = "GPL-2.0"
    package: str = "linux-doc-6.1"

    @property
    def material(self) -> DebianPackages:
        """The package."""
        return DebianPackages((self.package,), KEPT)

    def fetch(self, report: Report | None = None) -> None:
        """Bring the package."""
        self.material.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Of the package."""
        return self.material.checksums()

    def read(self) -> Iterator[Example | Rejected]:
        """File by file, by name."""
        root = self.material.root(self.package)
        for path in sorted(path for path in root.rglob("*") if path.name.endswith(ENDINGS) and path.is_file()):
            name = str(path.relative_to(root)).partition("Documentation/")[2].removesuffix(".gz")
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            try:
                yield from passages(data.decode("utf-8"), name)
            except UnicodeDecodeError:
                yield Rejected(reason="invalid UTF-8", where=name)
