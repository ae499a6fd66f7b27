import importlib

import pytest

from lengthwise.data.codecs.symbols import Symbols
from lengthwise.data.codecs.text import Subwords
from lengthwise.data.fingerprint import fingerprint
from lengthwise.data.problem import Problem
from lengthwise.data.sources.generated.task import Generated, Task


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


def test_a_task_from_outside_counts_with_its_file(tmp_path, monkeypatch):
    """A changed answer makes validation rows stale, wherever the function stands."""
    file = tmp_path / "task_from_outside.py"
    monkeypatch.syspath_prepend(tmp_path)
    found = []
    for body in ("text", "text[::-1]"):
        file.write_text(f"def answer(text):\n    return {body}\n")
        task = Task(name="mine", answer=importlib.import_module(file.stem).answer, inputs={})
        source = Generated(task=task, min_length=1, max_length=5)
        problem = Problem(source=source, inputs=Symbols("ab"), targets=Symbols("ab"))
        found.append(fingerprint(problem, {})["fingerprint"])
    assert found[0] != found[1]


@pytest.mark.parametrize("changes", [{"growth": (2, 0)}, {"places": "index"}])
def test_what_a_manifest_tells_models_counts(problem_of, changes):
    assert fingerprint(problem_of([], **changes), {}) != fingerprint(problem_of([]), {})
