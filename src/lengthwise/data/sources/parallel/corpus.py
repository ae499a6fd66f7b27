"""Several readers of parallel text as one source, cleaned, in either direction."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lengthwise.contracts import Example
from lengthwise.data.curation.filter import Limits, reason_against, tidy
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.parallel.reader import ParallelReader


@dataclass(frozen=True, kw_only=True)
class ParallelCorpus(Source):
    """English beside one other language, from one reader or many."""

    readers: tuple[ParallelReader, ...]
    is_from_english: bool = True
    limits: Limits = field(default_factory=Limits)

    @property
    def name(self) -> str:
        """The readers and the direction: `libreoffice+man_pages en-de`."""
        language = self.readers[0].language
        direction = f"en-{language}" if self.is_from_english else f"{language}-en"
        return f"{'+'.join(reader.name for reader in self.readers)} {direction}"

    @property
    def licence(self) -> str:
        """Each reader's licence."""
        return "; ".join(f"{reader.name}: {reader.licence}" for reader in self.readers)

    def fetch(self, report: Report | None = None) -> None:
        """Fetch every reader's packages."""
        for reader in self.readers:
            reader.material.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Sha256 of every package file, under its reader's name."""
        return {
            f"{reader.name}/{file}": checksum
            for reader in self.readers
            for file, checksum in reader.material.checksums().items()
        }

    def read(self) -> Iterator[Example | Rejected]:
        """Clean pairs reader by reader; the others as Rejected with the reason."""
        for reader in self.readers:
            for pair in reader.pairs():
                english, foreign = tidy(pair.english), tidy(pair.foreign)
                reason = reason_against(english, foreign, self.limits)
                if reason:
                    yield Rejected(reason=reason, where=pair.document, is_bad=False)
                    continue
                inputs, targets = (english, foreign) if self.is_from_english else (foreign, english)
                yield {"inputs": inputs, "targets": targets, "document": pair.document, "where": pair.document}
