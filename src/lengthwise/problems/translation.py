"""Translation between English and other languages, from packages or from your own files."""

from collections.abc import Sequence

from lengthwise.data.codecs.text import Subwords
from lengthwise.data.curation.filter import Limits
from lengthwise.data.problem import Problem, Source
from lengthwise.data.sources.files import PairFiles, paths_of
from lengthwise.data.sources.parallel.catalogues import Catalogues
from lengthwise.data.sources.parallel.corpus import ParallelCorpus
from lengthwise.data.sources.parallel.descriptions import PackageDescriptions
from lengthwise.data.sources.parallel.docbook import DebianHandbook, GimpHelp
from lengthwise.data.sources.parallel.libreoffice import LibreOfficeHelp
from lengthwise.data.sources.parallel.man_pages import ManPages
from lengthwise.metrics.bleu import bleu, chrf

LIBREOFFICE = (LibreOfficeHelp,)
DEBIAN = (LibreOfficeHelp, DebianHandbook, GimpHelp, PackageDescriptions, ManPages, Catalogues)


def libreoffice_en_de(*, vocabulary_size: int = 8000, min_words: int = 1, max_length: int = 256) -> Problem:
    """English to German: LibreOffice's help, 35,000 pairs."""
    return _problem(_corpus(LIBREOFFICE, "de", min_words), vocabulary_size, max_length)


def libreoffice_de_en(*, vocabulary_size: int = 8000, min_words: int = 1, max_length: int = 256) -> Problem:
    """German to English: LibreOffice's help, 35,000 pairs."""
    return _problem(_corpus(LIBREOFFICE, "de", min_words, is_from_english=False), vocabulary_size, max_length)


def libreoffice_en_fr(*, vocabulary_size: int = 8000, min_words: int = 1, max_length: int = 256) -> Problem:
    """English to French: LibreOffice's help, 33,000 pairs."""
    return _problem(_corpus(LIBREOFFICE, "fr", min_words), vocabulary_size, max_length)


def debian_en_de(*, vocabulary_size: int = 16000, min_words: int = 4, max_length: int = 256) -> Problem:
    """English to German: help, manuals, package descriptions, program messages; 156,000 pairs."""
    return _problem(_corpus(DEBIAN, "de", min_words), vocabulary_size, max_length)


def debian_de_en(*, vocabulary_size: int = 16000, min_words: int = 4, max_length: int = 256) -> Problem:
    """German to English: help, manuals, package descriptions, program messages; 156,000 pairs."""
    return _problem(_corpus(DEBIAN, "de", min_words, is_from_english=False), vocabulary_size, max_length)


def debian_en_fr(*, vocabulary_size: int = 16000, min_words: int = 4, max_length: int = 256) -> Problem:
    """English to French: help, manuals, package descriptions, program messages; 171,000 pairs."""
    return _problem(_corpus(DEBIAN, "fr", min_words), vocabulary_size, max_length)


def files(
    *,
    source: str | Sequence[str],
    columns: Sequence[str] = (),
    vocabulary_size: int = 8000,
    max_length: int = 256,
) -> Problem:
    """Your own pairs: source=pairs.tsv, .jsonl, .parquet, hub:owner/name, or two parallel files source=a.en,b.de.

    `columns`: names of the inputs' and the targets' in records, where they have others than the usual ones.
    """
    return _problem(PairFiles(paths_of(source), tuple(columns)), vocabulary_size, max_length)


def _corpus(readers: Sequence[type], language: str, min_words: int, is_from_english: bool = True) -> ParallelCorpus:
    return ParallelCorpus(
        readers=tuple(reader(language) for reader in readers),
        is_from_english=is_from_english,
        limits=Limits(min_words=min_words),
    )


def _problem(source: Source, vocabulary_size: int, max_length: int) -> Problem:
    subwords = Subwords(vocabulary_size)
    metrics = {"bleu": bleu, "chrf": chrf}
    return Problem(
        source=source,
        inputs=subwords,
        targets=subwords,
        metrics=metrics,
        max_length=max_length,
        licence=source.licence,
    )
