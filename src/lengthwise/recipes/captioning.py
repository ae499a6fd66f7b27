"""Recipes that learn to say what an image shows."""

from lengthwise.models import transformer
from lengthwise.recipes.experiment import Experiment, compose


def both() -> Experiment:
    """Stamps and clip art to short captions, in a quarter of an hour of training on a CPU core."""
    changes = {
        "model.num_encoder_layers": 4,
        "model.dropout": 0.2,
        "batch.tokens": 512,
        "train.steps": 1200,
        "train.validate_every": 200,
        "train.save_every": 200,
    }
    return compose("captioning.both", transformer.tiny(), changes)
