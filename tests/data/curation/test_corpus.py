import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from lengthwise.contracts import Example
from lengthwise.data.curation import pipeline, writing
from lengthwise.data.curation.corpus import COUNTS, Corpus
from lengthwise.data.curation.pipeline import Curation
from lengthwise.data.curation.quality import Quality
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.files import PairFiles
from lengthwise.data.sources.text.files import TextFiles


@pytest.fixture
def texts(prose, tmp_path):
    """Forty records, five of them copies, one without text and one that is no JSON."""
    ours = prose(0)
    found = [ours.text() for _ in range(33)]
    lines = [json.dumps({"text": text, "document": f"d{i}"}) for i, text in enumerate([*found, *found[:5]])]
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join([*lines, '{"txt": 1}', "{no JSON"]) + "\n")
    return path


def corpus(*paths, **changes):
    return Corpus(inputs={path.name: TextFiles((str(path),)) for path in paths}, **changes)


def read(folder, ending):
    return [row for row in TextFiles((str(folder),), ending).read() if not isinstance(row, Rejected)]


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_what_is_kept_is_read_back_and_what_is_not_is_counted(texts, tmp_path, format):
    counts = corpus(texts, format=format).write(tmp_path / "out")
    assert json.loads((tmp_path / "out" / "counts.json").read_text()) == counts
    each = counts["inputs"]["texts.jsonl"]
    assert (each["num_read"], each["num_kept"]) == (40, 33)
    assert {reason: (rows["count"], rows["first"][0]) for reason, rows in each["left_out"].items()} == {
        "exact copy": (5, "d33"),
        "no column `text`": (1, "texts.jsonl:39"),
        "invalid JSON": (1, "texts.jsonl:40"),
    }
    rows = read(tmp_path / "out", f".{format}")
    assert len(rows) == 33 and rows[3]["document"] == "d3"
    assert sum(len(str(row["targets"]).encode()) for row in rows) == each["bytes_kept"]


def test_a_second_call_is_answered_from_the_first(texts, tmp_path):
    first = corpus(texts).write(tmp_path / "out")
    assert corpus(texts).write(tmp_path / "out") == first
    with pytest.raises(ValueError, match="must be new, but holds a corpus of other texts or settings"):
        corpus(texts, curation=Curation(near=None)).write(tmp_path / "out")


def test_an_evaluation_set_that_has_changed_makes_another_corpus(texts, tmp_path):
    asked = Curation(against=(str(tmp_path / "exam.txt"),))
    (tmp_path / "exam.txt").write_text("one question")
    corpus(texts, curation=asked).write(tmp_path / "out")
    (tmp_path / "exam.txt").write_text("another question")
    with pytest.raises(ValueError, match="must be new, but holds a corpus of other texts or settings"):
        corpus(texts, curation=asked).write(tmp_path / "out")


def test_a_folder_of_something_else_is_left_alone(texts, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match="must be a new folder"):
        corpus(texts).write(tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_rates_are_shares_of_what_is_kept(prose, tmp_path):
    for name, seed in (("a", 1), ("b", 2)):
        ours = prose(seed)
        lines = [json.dumps({"text": ours.text()}) for _ in range(60)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    counts = corpus(tmp_path / "a.jsonl", tmp_path / "b.jsonl", rates=(3.0, 1.0)).write(tmp_path / "out")
    kept = [each["bytes_kept"] for each in counts["inputs"].values()]
    assert kept[0] == pytest.approx(3 * kept[1], rel=0.1)
    documents = {str(row["document"]) for row in read(tmp_path / "out", ".jsonl")}
    assert {document.partition("/")[0] for document in documents} == {"a.jsonl", "b.jsonl"}


@dataclass(frozen=True)
class Breaking(TextFiles):
    """Fails after so many rows, once."""

    after: list[int] = field(default_factory=list)

    def read(self) -> Iterator[Example | Rejected]:
        for number, row in enumerate(super().read()):
            if self.after and number == self.after[0]:
                self.after.clear()
                raise OSError("the cable was pulled")
            yield row


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
@pytest.mark.parametrize("rates", [(), (2.0, 1.0)])
def test_what_was_stopped_goes_on_and_ends_as_if_it_had_not_been(texts, prose, tmp_path, monkeypatch, format, rates):
    monkeypatch.setattr(writing, "MAX_BYTES", 4000)
    monkeypatch.setattr(pipeline, "ROWS_AT_ONCE", 4)
    ours = prose(3)
    lines = [json.dumps({"text": text}) for text in [ours.text() for _ in range(40)]]
    (tmp_path / "more.jsonl").write_text("\n".join([*lines[:30], *lines[:5], *lines[30:], texts.read_text()]))
    paths = (texts, tmp_path / "more.jsonl")
    whole = corpus(*paths, format=format, rates=rates).write(tmp_path / "whole")
    source = Breaking((str(paths[1]),), after=[14])
    broken = Corpus(inputs={paths[0].name: TextFiles((str(texts),)), paths[1].name: source}, format=format, rates=rates)
    with pytest.raises(OSError, match="cable"):
        broken.write(tmp_path / "out")
    assert not (tmp_path / "out").exists() and len(list((tmp_path / ".out.part").glob("part-*"))) > 1
    counts = broken.write(tmp_path / "out", num_processes=2)
    assert {**counts, "seconds": 0, "megabytes_per_second": 0} == {**whole, "seconds": 0, "megabytes_per_second": 0}
    files = [sorted((tmp_path / name).glob("part-*")) for name in ("whole", "out")]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [COUNTS, *(path.name for path in files[0])]


def test_nothing_is_written_where_it_fails(texts, tmp_path):
    with pytest.raises(ValueError, match="none is. Left out: .* fewer than 1000 words"):
        corpus(texts, curation=Curation(quality=Quality(min_words=1000))).write(tmp_path / "out")
    texts.write_text(texts.read_text() + "{\n" * 20)
    with pytest.raises(ValueError, match="At most 5% of the rows may be bad, .* texts.jsonl:39"):
        corpus(texts).write(tmp_path / "out")
    assert not list(tmp_path.glob("*out*"))


def test_pairs_stay_pairs(tmp_path):
    (tmp_path / "pairs.tsv").write_text("a\tb\nc\td\na\tB\n")
    source = PairFiles((str(tmp_path / "pairs.tsv"),))
    Corpus(inputs={"pairs": source}, curation=Curation(quality=None, near=None)).write(tmp_path / "out")
    assert (tmp_path / "out" / "part-00000.jsonl").read_text() == (
        '{"inputs": "a", "targets": "b"}\n{"inputs": "c", "targets": "d"}\n'
    )
