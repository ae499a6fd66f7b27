from dataclasses import dataclass
from typing import Any

import pytest

from lengthwise.data.codecs.code import MIDDLE, PREFIX, SUFFIX
from lengthwise.data.problem import Rejected, Source
from lengthwise.data.sources.text.gaps import WithGaps


@dataclass(frozen=True)
class Rows(Source):
    """Two hundred rows of forty documents."""

    name: str = "rows"
    licence: str = "none"

    def fetch(self, report=None):
        pass

    def checksums(self):
        return {"rows": "1"}

    def read(self):
        for number in range(200):
            yield {"targets": f"row {number} of a program", "document": f"d{number % 40}", "where": str(number)}
        yield Rejected(reason="bad", where="200")
        yield {"targets": f"a {PREFIX}", "document": "d1", "where": "201"}


def read(rate: float) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {"train": [], "validation": [], "test": [], "left out": []}
    for row in WithGaps(Rows(), rate).read():
        found["left out" if isinstance(row, Rejected) else str(row["split"])].append(row)
    return found


def whole(text: str) -> str:
    """The text without its gap."""
    if not text.startswith(PREFIX):
        return text
    prefix, _, rest = text.removeprefix(PREFIX).partition(SUFFIX)
    suffix, _, middle = rest.partition(MIDDLE)
    return prefix + middle + suffix


def test_half_of_what_is_learned_from_has_gaps_and_nothing_is_lost():
    found, plain = read(0.5), read(0.0)
    texts = [str(row["targets"]) for row in found["train"]]
    assert [whole(text) for text in texts] == [row["targets"] for row in plain["train"]]
    with_gap = [text for text in texts if text.startswith(PREFIX)]
    assert 0.35 < len(with_gap) / len(texts) < 0.65
    suffix_first = [text for text in with_gap if text.startswith(PREFIX + SUFFIX)]
    assert 0.3 < len(suffix_first) / len(with_gap) < 0.7
    assert found["validation"] == plain["validation"] and found["test"] == plain["test"]
    assert len(found["validation"]) and len(found["test"])


def test_a_document_is_in_one_split():
    found = read(1.0)
    documents = [{row["document"] for row in found[split]} for split in ("train", "validation", "test")]
    assert sum(map(len, documents)) == len(set.union(*documents)) == 40
    assert all(str(row["targets"]).startswith(PREFIX) for row in found["train"])


def test_what_is_no_text_to_learn_from_is_told():
    assert [row.reason for row in read(0.5)["left out"]] == ["bad", "text with a gap's marks"]


def test_the_draws_are_the_texts():
    assert read(0.5) == read(0.5)
    assert WithGaps(Rows(), 0.5).checksums() != WithGaps(Rows(), 0.25).checksums()


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_a_rate_is_a_share(rate):
    with pytest.raises(ValueError, match="`fill_in_the_middle` must be between 0 and 1"):
        WithGaps(Rows(), rate)
