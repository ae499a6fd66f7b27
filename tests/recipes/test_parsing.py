from pathlib import Path

import pytest

from lengthwise.config import override
from lengthwise.models.transformer import TransformerConfig
from lengthwise.recipes import parsing
from lengthwise.recipes.experiment import compose
from lengthwise.run import load, train
from lengthwise.trees import parse_tree

NOUNS, VERBS = ("cat", "dog", "bird", "fish", "horse", "mouse"), ("sleeps", "runs", "sings", "eats", "waits", "sees")


def test_the_recipe_parses_python_into_trees_alone():
    recipe = parsing.python()
    assert isinstance(recipe.model, TransformerConfig)
    assert recipe.problem == "parsing.python" and recipe.decode.constrained
    assert recipe.model.positions == "sinusoid_rotary" and recipe.train.validate_every > 0


@pytest.mark.slow
def test_a_small_treebank_is_learned_in_seconds(tmp_path: Path):
    trees = [
        f"( (S (NP (DT the) (NN {noun})) (VP (VBZ {verb}) (NP (DT a) (NN {other}))) (. .)) )"
        for noun in NOUNS
        for verb in VERBS
        for other in NOUNS
    ]
    (tmp_path / "own.mrg").write_text("\n".join(trees))
    small = {"data.source": str(tmp_path / "own.mrg"), "data.vocabulary_size": 300, "model.d_model": 64}
    brief = {"model.d_ff": 128, "train.steps": 150, "precision": "fp32", "batch.tokens": 512}
    quiet = {"train.validate_every": 0, "train.save_every": 0, "train.log_every": 50}
    recipe = override(compose("parsing.files", parsing.python().model), {**small, **brief, **quiet})
    train(recipe, tmp_path / "run")
    run = load(tmp_path / "run")
    scores = {score.name: score for score in run.evaluate("test").scores}
    assert scores["bracket F1"].value > 90 and scores["well-formed"].value == 100
    parse_tree(run.decode(["the cat sees a dog ."])[0])
