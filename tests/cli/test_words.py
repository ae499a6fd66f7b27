import pytest

from lengthwise.cli.words import split


@pytest.mark.parametrize(
    ("words", "name", "assignments"),
    [
        (None, None, {}),
        (["translation.small"], "translation.small", {}),
        (["a.b=1"], None, {"a.b": "1"}),
        (["a.b=1", "translation.small", "c="], "translation.small", {"a.b": "1", "c": ""}),
    ],
)
def test_words_are_a_name_and_assignments_in_any_order(words, name, assignments):
    assert split(words) == (name, assignments)


def test_a_second_name_is_refused():
    with pytest.raises(ValueError, match="`b` must be `path=value`, because `a` already is the name"):
        split(["a", "b"])
