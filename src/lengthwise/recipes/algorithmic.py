"""Recipes that learn algorithms on examples of up to 41 tokens; how far beyond they are right: docs/results.md."""

from collections.abc import Mapping

from lengthwise.models import diagonal_neural_gpu, universal_transformer
from lengthwise.recipes.experiment import Experiment, compose

WATCHED = {"train.validate_every": 100, "train.validate_rows": 100, "train.log_every": 50, "train.save_every": 100}


def reverse() -> Experiment:
    """Learns to reverse in three CPU-minutes."""
    return compose("algorithmic.reverse", diagonal_neural_gpu.base(), {**WATCHED, "train.steps": 900})


def duplicate() -> Experiment:
    """Learns to duplicate in three CPU-minutes, almost half of them spent on eight starts.

    From some weights it learns what is right at all lengths (a copy that moves at half speed), from most what is right
    for those it has seen. Starts of small batches of up to 20 tokens are cheap, and those of the first kind are already
    right at 41. Gates that begin half open, so that not all moves at full speed, help.
    """
    starts = {"train.starts": 8, "train.start_steps": 250, "train.start_length": 21, "train.start_share": 0.25}
    settings = {**starts, "model.gates_start": -0.5, "train.steps": 450}
    return compose("algorithmic.duplicate", diagonal_neural_gpu.base(), {**WATCHED, **settings})


def aligned_addition() -> Experiment:
    """Learns to add decimal numbers whose digits stand in pairs, in five CPU-minutes."""
    # Carries of all lengths: those of uniform digits hardly run.
    schedule = {"train.schedule.name": "linear", "train.schedule.final_factor": 0.05, "train.steps": 2400}
    settings = {**schedule, "data.share_carrying": 1.0, "batch.rows_per_length": (16, 16, 16, 8, 8)}
    return compose("algorithmic.aligned_addition", diagonal_neural_gpu.base(), {**WATCHED, **settings})


def binary_addition() -> Experiment:
    """Learns to add binary numbers written one after the other, in seven CPU-minutes."""
    return _sums({"data.base": 2, "train.steps": 1500})


def addition() -> Experiment:
    """Learns to add decimal numbers written one after the other, in eleven CPU-minutes."""
    return _sums({"data.max_length": 40, "data.share_carrying": 0.25, "train.steps": 2560})


def _sums(changes: Mapping[str, object]) -> Experiment:
    """Coupled positions tell a digit's place within its number to both operands and to the sum, so that one block,
    applied again and again, can learn one rule for all places.
    """
    settings = {"model.positions": "coupled", "train.label_smoothing": 0.0, "precision": "fp32"}
    return compose("algorithmic.addition", universal_transformer.tiny(), {**WATCHED, **settings, **changes})
