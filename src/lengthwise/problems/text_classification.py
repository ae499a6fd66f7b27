"""Texts to classes."""

from collections.abc import Sequence

from lengthwise.data.codecs.labels import Labels
from lengthwise.data.codecs.text import Subwords
from lengthwise.data.problem import Problem, Source
from lengthwise.data.sources.files import PairFiles, paths_of
from lengthwise.data.sources.text.package_summaries import PackageSections


def debian_sections(*, vocabulary_size: int = 8000, max_length: int = 512) -> Problem:
    """Descriptions of Debian's packages to the section that each is in."""
    return _problem(PackageSections(), vocabulary_size, max_length)


def files(
    *,
    source: str | Sequence[str],
    columns: Sequence[str] = (),
    vocabulary_size: int = 8000,
    max_length: int = 512,
) -> Problem:
    """Your own texts and labels: a .tsv, .jsonl, .parquet, .csv or hub:owner/name (with `columns`), or two files."""
    return _problem(PairFiles(paths_of(source), tuple(columns)), vocabulary_size, max_length)


def _problem(source: Source, vocabulary_size: int, max_length: int) -> Problem:
    return Problem(
        source=source,
        inputs=Subwords(vocabulary_size),
        targets=Labels(),
        is_shared=False,
        growth=(0, 0),
        max_length=max_length,
        licence=source.licence,
    )
