"""Recipes that learn to tell what an image shows."""

from lengthwise.models import residual_network
from lengthwise.recipes.experiment import Experiment, compose


def mnist() -> Experiment:
    """Digits in under ten minutes of training on two CPU cores."""
    return _short("image_classification.mnist")


def fashion_mnist() -> Experiment:
    """Clothes in under ten minutes of training on two CPU cores."""
    return _short("image_classification.fashion_mnist")


def _short(problem: str) -> Experiment:
    changes = {
        "train.steps": 1500,
        "train.log_every": 50,
        "train.validate_every": 500,
        "train.save_every": 500,
    }
    return compose(problem, residual_network.tiny(), changes)
