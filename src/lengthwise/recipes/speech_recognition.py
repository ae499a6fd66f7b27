"""Recipes that learn to write down what is said."""

from lengthwise.models import speech_transformer
from lengthwise.recipes.experiment import Experiment, compose


def english() -> Experiment:
    """Games' dialogues and telephone prompts, 4 hours to learn from, in 45 minutes of two CPU cores."""
    return _from_scratch("speech_recognition.english", 45.0)


def _from_scratch(problem: str, minutes: float) -> Experiment:
    changes = {
        "train.steps": None,
        "train.minutes": minutes,
        "train.validate_every": 250,
        "train.save_every": 250,
        "train.log_every": 25,
        "train.validate_rows": 128,
    }
    return compose(problem, speech_transformer.tiny(), changes)
