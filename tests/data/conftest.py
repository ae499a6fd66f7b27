"""A source of pairs that stands in memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings

from lengthwise.data.codecs.text import Subwords
from lengthwise.data.problem import Problem, Rejected, Report, Source

# How long an example takes depends on what else runs here.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@dataclass(frozen=True)
class Pairs(Source):
    rows: Sequence[Mapping[str, object] | Rejected]
    name: str = "pairs"
    licence: str = "none"

    def fetch(self, report: Report | None = None) -> None: ...

    def checksums(self) -> dict[str, str]:
        return {"rows": repr(self.rows)}

    def read(self) -> Iterator[Mapping[str, object] | Rejected]:
        return iter(self.rows)


def _problem(rows: Sequence[Mapping[str, object] | Rejected], **changes: Any) -> Problem:
    codec = Subwords(300)
    values: dict[str, Any] = {"source": Pairs(rows), "inputs": codec, "targets": codec}
    return Problem(**(values | changes))


@pytest.fixture
def problem_of() -> Callable[..., Problem]:
    """Rows -> a problem with a small vocabulary."""
    return _problem


WORDS = "red green blue small large round old new quick slow dog cat house tree river stone".split()


@pytest.fixture
def rows() -> list[dict[str, object]]:
    """400 pairs in 40 documents, no two alike; the target is the source backwards."""
    result = []
    for i in range(400):
        words = [WORDS[i * step % 97 % 16] for step in (1, 3, 7, 11)][: 2 + i % 3] + [f"no{i * i}x{i}"]
        result.append({"inputs": " ".join(words), "targets": " ".join(words[::-1]), "document": f"d{i // 10}"})
    return result
