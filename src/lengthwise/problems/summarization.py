"""Long texts to short ones that say the same."""

from collections.abc import Sequence

from lengthwise.data.codecs.text import Subwords
from lengthwise.data.problem import Problem, Source
from lengthwise.data.sources.files import PairFiles, paths_of
from lengthwise.data.sources.text.package_summaries import PackageSummaries
from lengthwise.data.sources.text.wikipedia import WikipediaLeads
from lengthwise.metrics.extractive import central, lead
from lengthwise.metrics.rouge import rouge_1, rouge_2, rouge_l


def debian(*, vocabulary_size: int = 8000, max_length: int = 512) -> Problem:
    """Descriptions of Debian's packages to the line that sums each up."""
    return _problem(PackageSummaries(), vocabulary_size, max_length)


def wikipedia_titles(*, vocabulary_size: int = 8000, max_length: int = 512) -> Problem:
    """First paragraphs of Wikipedia articles to their titles."""
    return _problem(WikipediaLeads(has_titles_apart=True), vocabulary_size, max_length)


def files(
    *,
    source: str | Sequence[str],
    columns: Sequence[str] = (),
    vocabulary_size: int = 8000,
    max_length: int = 512,
) -> Problem:
    """Your own texts and summaries: a .tsv, .jsonl, .parquet, .csv or hub:owner/name (with `columns`), or two files."""
    return _problem(PairFiles(paths_of(source), tuple(columns)), vocabulary_size, max_length)


def _problem(source: Source, vocabulary_size: int, max_length: int) -> Problem:
    subwords = Subwords(vocabulary_size)
    return Problem(
        source=source,
        inputs=subwords,
        targets=subwords,
        metrics={"rouge-l": rouge_l, "rouge-1": rouge_1, "rouge-2": rouge_2},
        baselines={"first sentence": lead, "most central sentence": central},
        max_length=max_length,
        licence=source.licence,
    )
