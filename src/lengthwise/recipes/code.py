"""Recipes that learn to write programs."""

from lengthwise.models import decoder
from lengthwise.recipes.experiment import Experiment, compose


def python() -> Experiment:
    """Python by 8,000 subwords, half of it with gaps to fill, an hour on two CPU cores."""
    changes = {
        "train.minutes": 60.0,
        "train.log_every": 100,
        "train.validate_every": 1000,
        "train.save_every": 1000,
        "decode.method": "sampling",
        "decode.temperature": 0.2,
        "decode.top_p": 0.95,
    }
    return compose("code.python", decoder.tiny(), changes)
