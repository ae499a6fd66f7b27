"""Recipes that answer questions."""

from lengthwise.models import transformer
from lengthwise.recipes.experiment import Experiment, compose


def squad() -> Experiment:
    """Questions about Wikipedia's paragraphs, in ten minutes of training on two CPU cores.

    From 4,000 questions alone, without pretraining: it shows the pieces at work, not what they can reach.
    """
    changes = {
        "train.minutes": 10.0,
        "train.steps": None,
        "train.validate_every": 300,
        "train.save_every": 300,
        "model.dropout": 0.2,
        "decode.length_penalty": 1.0,
    }
    return compose("question_answering.squad", transformer.copying(), changes)
