"""Recipes that learn to parse."""

from lengthwise.models import transformer
from lengthwise.recipes.experiment import Experiment, compose


def python() -> Experiment:
    """Python functions to their syntax trees, in half an hour of training on two CPU cores."""
    changes = {
        "model.positions": "sinusoid_rotary",
        "model.num_encoder_layers": 2,
        "model.num_decoder_layers": 2,
        "train.steps": 3600,
        "train.label_smoothing": 0.0,
        "batch.tokens": 3072,
        "train.log_every": 50,
        "train.validate_every": 500,
        "train.save_every": 500,
        # What greedy decoding begins wrongly it seldom ends: of 100 long functions 86 of F1, with a beam of four 95.
        "decode.beam": 4,
    }
    return compose("parsing.python", transformer.copying(), changes)
