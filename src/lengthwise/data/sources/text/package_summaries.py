"""Package descriptions of Debian: a long text, one line that says the same, and the section that a package is in."""

from collections.abc import Iterator
from dataclasses import dataclass

from lengthwise.contracts import Example
from lengthwise.data.curation.deduplicate import near_pairs
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.package import DebianSections, DebianTranslations
from lengthwise.data.sources.parallel.descriptions import descriptions, paragraphs
from lengthwise.data.splits import connected

MATERIAL, SECTIONS = DebianTranslations(("en",)), DebianSections()
MIN_WORDS = 30


@dataclass(frozen=True)
class PackageSummaries(Source):
    """Packages of one source, and packages that describe themselves almost alike, are one document."""

    name: str = "package summaries"
    licence: str = "GPL-2+, or that of each package"

    def fetch(self, report: Report | None = None) -> None:
        """Bring the index of descriptions."""
        MATERIAL.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Of the index."""
        return MATERIAL.checksums()

    def code(self) -> Iterator[object]:
        """What cuts descriptions apart."""
        yield descriptions

    def read(self) -> Iterator[Example | Rejected]:
        """Every description once, of at least thirty words, by package."""
        rows = dict[str, tuple[str, str]]()
        for package, digest, text in descriptions(MATERIAL.path("en")):
            rows.setdefault(digest, (package, text))
        kept = []
        for package, text in rows.values():
            summary, parts = paragraphs(text)
            body = "\n".join(line for paragraph in parts for line in paragraph)
            if len(body.split()) < MIN_WORDS:
                yield Rejected(reason=f"under {MIN_WORDS} words", where=package, is_bad=False)
            else:
                kept.append((package, body, summary))
        documents = self._documents(kept)
        for package, body, summary in kept:
            document = documents[f"package {package}"]
            yield {"inputs": body, "targets": summary, "document": document, "where": package}

    @staticmethod
    def _documents(rows: list[tuple[str, str, str]]) -> dict[str, str]:
        sources = dict(line.split("\t") for line in MATERIAL.built_from.read_text().splitlines())
        edges = [(f"package {package}", f"source {sources.get(package, package)}") for package, _, _ in rows]
        bodies = [body for _, body, _ in rows]
        edges += [(f"package {rows[one][0]}", f"package {rows[other][0]}") for one, other in near_pairs(bodies)]
        return connected(edges)


@dataclass(frozen=True)
class PackageSections(PackageSummaries):
    """The whole description as inputs, the package's section as targets; the same documents."""

    name: str = "package sections"

    def fetch(self, report: Report | None = None) -> None:
        """Bring both indices."""
        super().fetch(report)
        SECTIONS.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Of both."""
        return {**super().checksums(), **SECTIONS.checksums()}

    def read(self) -> Iterator[Example | Rejected]:
        """Every description whose package is in a section."""
        sections = SECTIONS.sections
        for row in super().read():
            if isinstance(row, Rejected):
                yield row
            elif (section := sections.get(str(row["where"]))) is None:
                yield Rejected(reason="no section", where=str(row["where"]), is_bad=False)
            else:
                yield {**row, "inputs": f"{row['targets']}\n{row['inputs']}", "targets": section}
