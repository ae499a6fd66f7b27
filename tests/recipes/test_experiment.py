import pytest

from lengthwise import config
from lengthwise.models import transformer
from lengthwise.recipes.experiment import Experiment, compose


def test_a_models_own_training_defaults_apply():
    published, ours = compose("any.problem", transformer.paper_base()), compose("any.problem", transformer.tiny())
    assert (published.train.optimizer.name, published.train.schedule.name) == ("adamw", "noam")
    assert ours.train.optimizer.name == "muon"


def test_changes_go_before_the_models_defaults():
    changed = compose("any.problem", transformer.tiny(), {"train.optimizer.name": "adamw", "batch.tokens": 100})
    assert (changed.train.optimizer.name, changed.batch.tokens) == ("adamw", 100)


def test_a_change_of_nothing_there_is_refused():
    with pytest.raises(ValueError, match="Did you mean `steps`"):
        compose("any.problem", transformer.tiny(), {"train.step": 3})


def test_an_experiment_survives_json():
    experiment = Experiment(problem="any.problem", data={"size": 3}, model=transformer.tiny(), seed=4)
    assert config.from_json(config.to_json(experiment), Experiment) == experiment
