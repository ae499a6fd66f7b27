import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from kinds import small
from small_data import put_in_place

from lengthwise import catalog, config
from lengthwise.recipes.experiment import Experiment
from lengthwise.run import experiment_of, nominal_features, problem_of, train
from lengthwise.training.tracking.json_lines import read_json_lines

RECIPES = sorted(catalog.names("recipes"))


def test_there_are_recipes():
    assert RECIPES


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_says_what_it_is(name):
    assert catalog.names("recipes")[name].endswith(".")


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_survives_json(name):
    experiment = experiment_of(name, None, None, {})
    assert config.from_json(json.loads(json.dumps(config.to_json(experiment))), Experiment) == experiment


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_names_a_problem_of_the_catalog(name):
    assert catalog.find("recipes", name)().problem in catalog.names("problems")


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipes_model_can_be_built_for_its_problem(name):
    experiment = experiment_of(name, None, None, {})
    with torch.device("meta"):
        model = experiment.model.build(nominal_features(experiment))
    assert sum(parameter.numel() for parameter in model.parameters()) > 0


SMOKE = {
    "train.steps": "20", "train.validate_every": "20", "train.validate_rows": "4", "train.save_every": "0",
    "train.log_every": "1", "train.starts": "1", "train.optimizer.name": "adamw",
    "train.optimizer.learning_rate": "0.003", "train.schedule.name": "constant", "train.schedule.warmup_steps": "1",
    "precision": "fp32", "batch.tokens": "1024",
}  # fmt: skip


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_learns_in_a_small_size(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    experiment = experiment_of(name, None, None, SMOKE)
    experiment = replace(experiment, model=small(experiment.model))
    put_in_place(problem_of(experiment), tmp_path, monkeypatch)
    train(experiment, tmp_path / "run")
    losses = [row["loss"] for row in read_json_lines(tmp_path / "run" / "metrics.jsonl") if "loss" in row]
    assert len(losses) == 20 and sum(losses[-5:]) < sum(losses[:5])
