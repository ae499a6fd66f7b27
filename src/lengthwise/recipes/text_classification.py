"""Recipes that tell what a text is about."""

from lengthwise.models import encoder
from lengthwise.recipes.experiment import Experiment, compose


def debian_sections() -> Experiment:
    """Package descriptions to sections, in five minutes of training on two CPU cores."""
    changes = {"train.steps": 1200, "train.validate_every": 300, "train.save_every": 300}
    return compose("text_classification.debian_sections", encoder.tiny(), changes)
