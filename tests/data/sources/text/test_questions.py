import json

import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.text.questions import UNANSWERABLE, QuestionFile, Squad

ASKED = {"question": "Who led? ", "id": "7", "answers": [{"text": "Ann"}, {"text": "Rollo"}, {"text": "Rollo"}]}
NOBODY = {"question": "Who fled?", "id": "8", "answers": [], "is_impossible": True}
SQUAD = {"data": [{"title": "Normans", "paragraphs": [{"context": "Rollo led.", "qas": [ASKED, NOBODY]}]}]}


def written(path, content) -> QuestionFile:
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    return QuestionFile(str(path))


def test_squads_format_is_read_and_the_commonest_answer_taken(tmp_path):
    source = written(tmp_path / "squad.json", SQUAD)
    source.fetch()
    first, second = source.read()
    expected = {"inputs": "Who led?\tRollo led.", "targets": "Rollo", "document": "Normans", "where": "Normans, 7"}
    assert first == expected
    assert not isinstance(second, Rejected) and second["targets"] == UNANSWERABLE


@pytest.mark.parametrize(
    "answer",
    [{"answer": "Rollo"}, {"answers": ["Rollo"]}, {"answers": {"text": ["Rollo"], "answer_start": [0]}}],
)
def test_records_are_read_with_their_answers_in_any_of_the_usual_forms(tmp_path, answer):
    record = {"question": "Who led?", "context": "Rollo led.", "split": "test", **answer}
    (row,) = written(tmp_path / "own.jsonl", json.dumps(record)).read()
    assert not isinstance(row, Rejected)
    assert (row["targets"], row["split"]) == ("Rollo", "test")


def test_tables_are_read_and_rows_of_one_passage_are_one_document(tmp_path):
    text = "question\tcontext\tanswer\nWho?\tRollo led.\tRollo\nWhat?\tRollo led.\tled\nWho?\tAnn fled.\tAnn\n"
    rows = list(written(tmp_path / "own.tsv", text).read())
    documents = [row["document"] for row in rows if not isinstance(row, Rejected)]
    assert documents[0] == documents[1] != documents[2]


def test_what_is_no_question_is_rejected_and_named(tmp_path):
    lines = ['{"question": "Who?", "context": "Rollo.", "answer": "Rollo"}', '{"question": 3}', "[]", "{"]
    rows = list(written(tmp_path / "own.jsonl", "\n".join(lines)).read())
    assert [isinstance(row, Rejected) for row in rows] == [False, True, True, True]
    assert isinstance(rows[1], Rejected) and "own.jsonl:2" in rows[1].where
    broken = [{"title": "A"}, *SQUAD["data"]]
    found = list(written(tmp_path / "broken.json", {"data": broken}).read())
    assert [isinstance(row, Rejected) for row in found] == [True, False, False]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("own.jsonl", '{"text": "a"}', "question, context and answer or answers"),
        ("own.jsonl", "", "question, context and answer or answers"),
        ("own.txt", "a", "must end in .jsonl"),
        ("", "", "must be a file or hub"),
    ],
)
def test_files_without_questions_are_refused_in_a_line(tmp_path, name, content, message):
    if name:
        (tmp_path / name).write_text(content)
    with pytest.raises(SourceError, match=message) as caught:
        QuestionFile(str(tmp_path / name)).fetch()
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_squad_holds_its_published_questions():
    source = Squad(has_unanswerable=True)
    source.fetch()
    rows = [row for row in source.read() if not isinstance(row, Rejected)]
    assert len(rows) == 11_873 and sum(row["targets"] == UNANSWERABLE for row in rows) == 5_945
    by_split: dict[object, set[object]] = {}
    for row in rows:
        by_split.setdefault(row["split"], set()).add(row["document"])
        assert row["targets"] == UNANSWERABLE or " ".join(str(row["targets"]).split()) in str(row["inputs"])
    assert {split: len(titles) for split, titles in by_split.items()} == {"train": 27, "validation": 4, "test": 4}
    answerable = [row for row in Squad().read() if not isinstance(row, Rejected)]
    assert len(answerable) == 11_873 - 5_945
