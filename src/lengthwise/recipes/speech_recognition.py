"""Recipes that learn to write down what is said."""

from lengthwise.models import speech_transformer
from lengthwise.recipes.experiment import Experiment, compose


def english() -> Experiment:
    """Games' dialogues and telephone prompts, 4 hours to learn from, in 30 to 45 minutes of two CPU cores.

    Where other programs run on these cores, `OMP_WAIT_POLICY=PASSIVE` keeps the threads from waiting for each other.
    """
    changes = {
        "train.steps": 3200,
        "train.validate_every": 200,
        "train.save_every": 200,
        "train.log_every": 20,
        "train.optimizer.refresh_every": 2,
        "train.validate_rows": 128,
        "batch.tokens": 10_000,
    }
    return compose("speech_recognition.english", speech_transformer.tiny(), changes)
