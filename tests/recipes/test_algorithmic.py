from dataclasses import replace

from lengthwise.models import diagonal_neural_gpu
from lengthwise.recipes import algorithmic


def test_nothing_longer_than_41_is_trained_on():
    for recipe in (algorithmic.reverse, algorithmic.duplicate, algorithmic.aligned_addition):
        assert max(recipe().batch.lengths) == 41
        assert replace(recipe().model, gates_start=0.0) == diagonal_neural_gpu.base()


def test_adders_are_trained_on_at_most_41_tokens():
    binary, decimal = algorithmic.binary_addition().data, algorithmic.addition().data
    assert (binary["base"], binary.get("max_length", 41), decimal["max_length"]) == (2, 41, 40)
