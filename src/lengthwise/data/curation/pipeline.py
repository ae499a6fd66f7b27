"""Rows of texts cleaned as they pass: quality, language, evaluation sets, copies; each left out with its reason."""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lengthwise.contracts import Example
from lengthwise.data.curation.decontaminate import Decontamination
from lengthwise.data.curation.evaluation_sets import evaluation_texts
from lengthwise.data.curation.examine import Examination, Finding
from lengthwise.data.curation.language import check_languages
from lengthwise.data.curation.ngrams import words_of
from lengthwise.data.curation.processes import Spread, spread
from lengthwise.data.curation.quality import Quality
from lengthwise.data.curation.sketch import Seen, digest_of, sketches_of
from lengthwise.data.problem import Rejected

CHARACTERS_AT_ONCE = 500_000
ROWS_AT_ONCE = 1000

Row = Example | Rejected


@dataclass(frozen=True, kw_only=True)
class Curation:
    """What texts are cleaned of, in this order; copies last, so that only what is kept is remembered."""

    quality: Quality | None = Quality()
    languages: tuple[str, ...] = ()
    """Codes of those to keep, such as en; all if none is named."""
    against: tuple[str, ...] = ()
    """Evaluation sets: `family.problem:test`, or files of texts."""
    ngram: int = 13
    """Words of a passage that must not be in both."""
    near: float | None = 0.7
    """Jaccard similarity of runs of three words from which a text is a near copy; none: only exact copies go."""

    def examination(self) -> Examination:
        """What each text is asked; reads the evaluation sets. ValueError where one of the settings can't be."""
        check_languages(self.languages)
        texts = (text for name in self.against for text in evaluation_texts(name))
        return Examination(
            quality=self.quality,
            languages=self.languages,
            decontamination=Decontamination.against(texts, self.ngram),
            is_sketched=self.near is not None,
        )


@dataclass(frozen=True)
class Curator:
    """Judges the rows of any number of streams, with one memory of what was kept."""

    seen: Seen
    spread: Spread

    def judged(self, rows: Iterable[Row]) -> Iterator[tuple[Row, int]]:
        """Every row in its order, or, in the place of one that is left out, why; and its bytes of text.

        Rows are read ahead by a few thousand where there are several processes.
        """
        waiting: deque[list[Row]] = deque()

        def texts() -> Iterator[list[str]]:
            for batch in _batches(rows):
                waiting.append(batch)
                yield [text_of(row) for row in batch if not isinstance(row, Rejected)]

        for findings in self.spread(texts()):
            found = iter(findings)
            for row in waiting.popleft():
                yield (row, 0) if isinstance(row, Rejected) else self._judged(row, next(found))

    def remember(self, text: str) -> None:
        """Take a text for seen that was kept before."""
        sketch = None if self.seen.threshold is None else sketches_of([words_of(text)])[0]
        self.seen.fault(digest_of(text), sketch)

    def _judged(self, row: Example, finding: Finding) -> tuple[Row, int]:
        fault = finding.fault or self.seen.fault(finding.digest, finding.sketch)
        where = str(row.get("where") or "")
        return (Rejected(reason=fault, where=where, is_bad=False) if fault else row), finding.num_bytes


@contextmanager
def curator(curation: Curation, num_processes: int = 1) -> Iterator[Curator]:
    """Give a curator whose work is done in so many processes (one: in this)."""
    seen, examination = Seen(curation.near), curation.examination()
    with spread(examination, num_processes) as work:
        yield Curator(seen, work)


def text_of(row: Example) -> str:
    """What is judged of a row: its inputs, if it has any, and its targets."""
    return "\n".join(side for side in (row.get("inputs"), row.get("targets")) if isinstance(side, str))


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch, size = list[Row](), 0
    for row in rows:
        batch.append(row)
        size += 0 if isinstance(row, Rejected) else len(text_of(row))
        if size >= CHARACTERS_AT_ONCE or len(batch) >= ROWS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
