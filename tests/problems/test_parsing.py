from pathlib import Path

import pytest

from lengthwise.data.prepare import prepare
from lengthwise.problems.parsing import files, python

NOUNS, VERBS = ("cat", "dog", "bird", "fish", "horse"), ("sleeps", "runs", "sings", "eats", "waits", "sees")


def write(path: Path) -> Path:
    trees = [
        f"( (S (NP (DT the) (NN {noun})) (VP (VBZ {verb}) (NP (DT a) (NN {other}))) (. .)) )"
        for noun in NOUNS
        for verb in VERBS
        for other in NOUNS
    ]
    path.write_text("\n".join(trees))
    return path


def test_your_own_trees_are_prepared(tmp_path: Path):
    source = str(write(tmp_path / "own.mrg"))
    prepared = prepare("own", files(source=source, vocabulary_size=300), {}, cache=tmp_path)
    test = prepared.split("test")
    sentence, tree = test.texts(0)
    assert sentence.startswith("the ") and tree.startswith("(S (NP (DT the)")
    assert prepared.targets.decode(test.tokens(0)[1]) == tree
    assert prepared.targets.constraint is not None


def test_outputs_fit_into_their_limit():
    problem = python()
    assert problem.growth is not None and set(problem.metrics) == {"bracket F1", "exact match", "well-formed"}


def test_a_file_that_is_no_treebank_is_refused(tmp_path: Path):
    (tmp_path / "own.mrg").write_text("the cat sleeps")
    with pytest.raises(ValueError, match="words outside of brackets"):
        prepare("own", files(source=str(tmp_path)), {}, cache=tmp_path)
