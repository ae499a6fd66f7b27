import pytest

from lengthwise.data.sources.generated.stories.source import Stories
from lengthwise.data.sources.mixed import Mixed, marked
from lengthwise.problems import algorithmic, scan


def test_rows_say_whose_they_are_and_keep_their_splits():
    stories = Stories(kind=1, num_questions=5, num_evaluation=2)
    rows = list(Mixed(sources={"a": stories, "scan": scan.simple().source}).read())
    first, last = rows[0], rows[-1]
    assert isinstance(first, dict) and isinstance(last, dict)
    assert (first["part"], last["part"]) == ("a", "scan")
    assert str(first["inputs"]).startswith("a: ") and first["split"] == "train"
    assert len(rows) == 5 + 2 + 2 + 20_910


def test_a_source_that_computes_its_rows_is_refused():
    with pytest.raises(ValueError, match="`algorithmic.copy` computes them"):
        Mixed(sources={"algorithmic.copy": algorithmic.copy().source})


def test_checksums_are_told_apart_by_name():
    stories = Stories(kind=1, num_questions=5)
    found = Mixed(sources={"a": stories, "b": stories}).checksums()
    assert found.keys() == {"a/settings", "b/settings"}
    assert marked("b", "where is Mary?") == "b: where is Mary?"
