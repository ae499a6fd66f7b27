"""Recipes that learn to write down what is said."""

from lengthwise.models import speech_transformer
from lengthwise.recipes.experiment import Experiment, compose


def english() -> Experiment:
    """Five hours of dialogues and prompts, in three quarters of an hour of training on two CPU cores."""
    changes = {
        "train.minutes": 45.0,
        "train.steps": None,
        "train.validate_every": 500,
        "train.save_every": 500,
        "train.label_smoothing": 0.1,
    }
    return compose("speech_recognition.english", speech_transformer.tiny(), changes)
