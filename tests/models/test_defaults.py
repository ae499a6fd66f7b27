import pytest

from lengthwise.models import defaults, transformer
from lengthwise.recipes.experiment import compose


@pytest.mark.parametrize("settings", [defaults.muon(256), defaults.adamw(256, 1e-3)])
def test_every_path_is_one_of_an_experiment(settings):
    experiment = compose("algorithmic.copy", transformer.tiny(), settings)
    assert experiment.train.optimizer.name == settings["train.optimizer.name"]


def test_small_models_have_smaller_batches():
    assert defaults.batch_tokens(256) < defaults.batch_tokens(512)
