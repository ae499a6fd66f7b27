import pytest

from lengthwise.data.codecs.text import Subwords
from lengthwise.data.fingerprint import fingerprint


def test_the_same_problem_has_the_same_fingerprint(problem_of):
    assert fingerprint(problem_of([]), {"a": 1}) == fingerprint(problem_of([]), {"a": 1})


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": [{"inputs": "a", "targets": "b"}]},
        {"parameters": {"a": 2}},
        {"max_length": 100},
        {"is_shared": False},
        {"inputs": Subwords(400), "targets": Subwords(400)},
        {"inputs": None},
    ],
)
def test_whatever_changes_the_data_changes_the_fingerprint(problem_of, changes):
    parameters = changes.pop("parameters", {"a": 1})
    changed = fingerprint(problem_of(changes.pop("rows", []), **changes), parameters)
    assert changed["fingerprint"] != fingerprint(problem_of([]), {"a": 1})["fingerprint"]


def test_a_fitted_codec_is_told_from_one_to_fit(problem_of):
    fitted = Subwords(300).fit(iter(["some text, some text"]))
    changed = fingerprint(problem_of([], inputs=fitted, targets=fitted), {})
    assert changed["fingerprint"] != fingerprint(problem_of([]), {})["fingerprint"]
