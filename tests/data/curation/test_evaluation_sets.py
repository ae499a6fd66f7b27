import pytest

from lengthwise.data.curation.evaluation_sets import evaluation_checksums, evaluation_texts
from lengthwise.data.prepare import prepare
from lengthwise.problems.language_modeling import python


def test_a_file_is_all_its_texts(tmp_path):
    (tmp_path / "test.jsonl").write_text('{"text": "one"}\n{"text": "two"}\nno JSON\n')
    assert list(evaluation_texts(str(tmp_path / "test.jsonl"))) == ["one", "two"]
    assert list(evaluation_checksums(str(tmp_path / "test.jsonl"))) == [str(tmp_path / "test.jsonl")]


@pytest.mark.slow
def test_a_problems_split_is_the_one_that_it_is_measured_on():
    prepared = prepare("language_modeling.python", python(), {}).split("test")
    expected = {targets for _, targets in map(prepared.texts, range(len(prepared)))}
    assert expected <= set(evaluation_texts("language_modeling.python")) and expected
    assert set(evaluation_texts("language_modeling.python:test")) >= expected
    assert not expected & set(evaluation_texts("language_modeling.python:validation"))


def test_a_name_that_is_nothing_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="Did you mean `language_modeling.python`"):
        list(evaluation_texts("language_modeling.pyton:test"))


def test_problems_for_programs_are_prompts_and_solutions():
    texts = list(evaluation_texts("code.stdlib"))
    assert len(texts) % 3 == 0 and texts[2] == texts[0] + texts[1] and texts[0].startswith("def ")
    assert list(evaluation_checksums("code.stdlib")) == ["code.stdlib"]
