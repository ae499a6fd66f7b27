import json

import pytest
import torch

from lengthwise import catalog, config
from lengthwise.recipes.experiment import Experiment
from lengthwise.run import experiment_of, nominal_features

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
