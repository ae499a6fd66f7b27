"""Recipes that learn algorithms on short examples and apply them to long ones; figures in docs/results.md."""

from lengthwise.models import diagonal_neural_gpu
from lengthwise.recipes.experiment import Experiment, compose

WATCHED = {"train.validate_every": 100, "train.validate_rows": 100, "train.log_every": 50, "train.save_every": 100}


def reverse() -> Experiment:
    """Reverses ten and fifty times longer sequences than it has seen after three CPU-minutes."""
    return compose("algorithmic.reverse", diagonal_neural_gpu.base(), {**WATCHED, "train.steps": 500})


def duplicate() -> Experiment:
    """Duplicates ten times longer sequences than it has seen after three CPU-minutes."""
    return compose("algorithmic.duplicate", diagonal_neural_gpu.base(), {**WATCHED, "train.steps": 500})


def aligned_addition() -> Experiment:
    """Adds decimal numbers ten times longer than it has seen, carries all the way, after five CPU-minutes."""
    return compose("algorithmic.aligned_addition", diagonal_neural_gpu.base(), {**WATCHED, "train.steps": 700})
