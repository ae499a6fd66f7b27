"""Translation between English and other languages, from packages or from your own files."""

from collections.abc import Sequence

from lengthwise.data.codecs.text import Subwords
from lengthwise.data.curation.filter import Limits
from lengthwise.data.problem import Problem, Source
from lengthwise.data.sources.files import PairFiles, paths_of
from lengthwise.data.sources.parallel.corpus import ParallelCorpus
from lengthwise.data.sources.parallel.libreoffice import LibreOfficeHelp
from lengthwise.metrics.bleu import bleu, chrf

METRICS = {"bleu": bleu, "chrf": chrf}


def libreoffice_en_de(*, vocabulary_size: int = 8000, min_words: int = 1, max_length: int = 256) -> Problem:
    """English to German: LibreOffice's help, 35,000 aligned paragraphs."""
    return _libreoffice("de", vocabulary_size, min_words, max_length)


def libreoffice_de_en(*, vocabulary_size: int = 8000, min_words: int = 1, max_length: int = 256) -> Problem:
    """German to English: LibreOffice's help, 35,000 aligned paragraphs."""
    return _libreoffice("de", vocabulary_size, min_words, max_length, is_from_english=False)


def libreoffice_en_fr(*, vocabulary_size: int = 8000, min_words: int = 1, max_length: int = 256) -> Problem:
    """English to French: LibreOffice's help, 34,000 aligned paragraphs."""
    return _libreoffice("fr", vocabulary_size, min_words, max_length)


def files(*, source: str | Sequence[str], vocabulary_size: int = 8000, max_length: int = 256) -> Problem:
    """Your own pairs: source=pairs.tsv, .jsonl or .parquet, or two parallel files source=a.en,b.de."""
    return _problem(PairFiles(paths_of(source)), vocabulary_size, max_length)


def _libreoffice(
    language: str, vocabulary_size: int, min_words: int, max_length: int, is_from_english: bool = True
) -> Problem:
    limits = Limits(min_words=min_words)
    readers = (LibreOfficeHelp(language),)
    corpus = ParallelCorpus(readers=readers, is_from_english=is_from_english, limits=limits)
    return _problem(corpus, vocabulary_size, max_length)


def _problem(source: Source, vocabulary_size: int, max_length: int) -> Problem:
    subwords = Subwords(vocabulary_size)
    return Problem(source=source, inputs=subwords, targets=subwords, metrics=METRICS, max_length=max_length)
