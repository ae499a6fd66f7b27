"""Recipes that learn algorithms on examples of up to 41 tokens; how far beyond they are right: docs/results.md."""

from lengthwise.models import diagonal_neural_gpu
from lengthwise.recipes.experiment import Experiment, compose

WATCHED = {"train.validate_every": 100, "train.validate_rows": 100, "train.log_every": 50, "train.save_every": 100}


def reverse() -> Experiment:
    """Learns to reverse in three CPU-minutes."""
    return compose("algorithmic.reverse", diagonal_neural_gpu.base(), {**WATCHED, "train.steps": 900})


def duplicate() -> Experiment:
    """Learns to duplicate in three CPU-minutes, half of them spent on six starts.

    From some weights it learns what is right at all lengths (a copy that moves at half speed), from others what is
    right for those it sees; which shows in the loss after 250 steps. Gates that begin half open, so that not all moves
    at full speed, make the first kind as frequent as the second. Small batches let it be seen early.
    """
    starts = {"train.starts": 6, "train.start_steps": 250, "model.gates_start": -0.5}
    settings = {**starts, "batch.rows_per_length": (8, 8, 8, 4, 4), "train.steps": 900}
    return compose("algorithmic.duplicate", diagonal_neural_gpu.base(), {**WATCHED, **settings})


def aligned_addition() -> Experiment:
    """Learns to add decimal numbers whose digits stand in pairs, in five CPU-minutes; half of them carry far."""
    settings = {"data.share_carrying": 0.5, "train.steps": 1500}
    return compose("algorithmic.aligned_addition", diagonal_neural_gpu.base(), {**WATCHED, **settings})
