import ast

import pytest

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.trees import python_functions
from lengthwise.data.sources.trees.python_functions import PythonFunctions
from lengthwise.trees import parse_tree


def example(text: str):
    node = next(python_functions._outermost(ast.parse(text)))
    found = python_functions._example(node, text, "file.py:1", "train", False)
    assert not isinstance(found, Rejected), found
    return str(found["inputs"]), str(found["targets"])


def test_docstrings_and_comments_are_left_out():
    with_both = 'class A:\n    def f(self):\n        """Why\n        so."""\n# left of it\n        return 1\n'
    assert example(with_both) == example("def f(self):\n    return 1\n")
    assert example('def f():\n    "Only this."\n') == example("def f():\n    pass\n")


def test_inner_functions_stay_inside():
    module = ast.parse("def f():\n  def g(): pass\nclass A:\n  def h(): pass")
    assert [node.name for node in python_functions._outermost(module)] == ["f", "h"]


def test_what_is_like_another_splits_is_left_out():
    text = "def compute ( self , first , second ) : ⇥ return self . table [ first ] + self . table [ second ] ⇤"
    rows: list[Example] = [
        {"inputs": text, "targets": "(A a)", "split": "train", "where": "a"},
        {"inputs": text.replace("compute", "computed"), "targets": "(A a)", "split": "test", "where": "b"},
        {"inputs": "def other ( ) : ⇥ pass ⇤", "targets": "(A a)", "split": "test", "where": "c"},
    ]
    found = list(python_functions._apart(rows))
    assert [isinstance(row, Rejected) and row.reason for row in found] == [
        False,
        "test function like one of another split",
        False,
    ]


@pytest.mark.slow
def test_the_standard_library_has_over_ten_thousand_functions():
    """41,000 where Python comes with its own tests, 13,600 as Debian packs it."""
    rows = list(PythonFunctions().read())
    examples = [row for row in rows if not isinstance(row, Rejected)]
    too_long = [row for row in rows if isinstance(row, Rejected) and "lexemes" in row.reason]
    assert len(examples) > 10_000 and len(too_long) < 0.05 * len(rows)
    modules: dict[str, set[object]] = {}
    for row in examples:
        modules.setdefault(str(row["where"]).partition(":")[0], set()).add(row["split"])
    assert all(len(splits) == 1 for splits in modules.values())
    assert {split for splits in modules.values() for split in splits} == {"train", "validation", "test"}
    for row in examples[::100]:
        parse_tree(str(row["targets"]))
