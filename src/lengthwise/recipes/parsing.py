"""Recipes that learn to parse."""

from lengthwise.models import transformer
from lengthwise.recipes.experiment import Experiment, compose


def python() -> Experiment:
    """Python functions to their syntax trees."""
    changes = {
        "model.positions": "rotary",
        "model.num_encoder_layers": 3,
        "model.num_decoder_layers": 3,
        "train.minutes": 20.0,
        "train.steps": None,
        "train.label_smoothing": 0.0,
        "train.log_every": 50,
        "train.validate_every": 500,
        "train.save_every": 500,
        "decode.method": "greedy",
    }
    return compose("parsing.python", transformer.tiny(), changes)
