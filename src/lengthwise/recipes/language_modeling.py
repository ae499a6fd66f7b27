"""Recipes that learn to continue text."""

from lengthwise.models import decoder
from lengthwise.recipes.experiment import Experiment, compose


def wikipedia() -> Experiment:
    """Wikipedia's first paragraphs byte by byte, an hour on two CPU cores."""
    changes = {
        "train.minutes": 60.0,
        "train.log_every": 100,
        "train.validate_every": 1000,
        "train.save_every": 1000,
        "decode.method": "sampling",
        "decode.top_p": 0.9,
    }
    return compose("language_modeling.wikipedia", decoder.tiny(), changes)


def wikipedia_subwords() -> Experiment:
    """The same by 8,000 subwords."""
    changes = {
        "data.level": "subwords",
        "data.max_length": 256,
        "train.minutes": 60.0,
        "train.log_every": 100,
        "train.validate_every": 1000,
        "train.save_every": 1000,
        "decode.method": "sampling",
        "decode.top_p": 0.9,
    }
    return compose("language_modeling.wikipedia", decoder.tiny(), changes)
