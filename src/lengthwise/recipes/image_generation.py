"""Recipes that learn to draw."""

from lengthwise.models import image_transformer
from lengthwise.recipes.experiment import Experiment, compose


def mnist() -> Experiment:
    """Digits, intensity by intensity, in half an hour of training on two CPU cores."""
    return compose("image_generation.mnist", image_transformer.tiny_2d(), _SHORT)


def fashion_mnist() -> Experiment:
    """Clothes, intensity by intensity, in half an hour of training on two CPU cores."""
    return compose("image_generation.fashion_mnist", image_transformer.tiny_2d(), _SHORT)


_SHORT = {"train.minutes": 30.0, "train.steps": None, "train.validate_every": 500, "train.save_every": 500}
