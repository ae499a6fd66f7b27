from dataclasses import replace

from lengthwise.models import diagonal_neural_gpu
from lengthwise.recipes import algorithmic


def test_nothing_longer_than_41_is_trained_on():
    for recipe in (algorithmic.reverse, algorithmic.duplicate, algorithmic.aligned_addition):
        assert max(recipe().batch.lengths) == 41
        assert replace(recipe().model, gates_start=0.0) == diagonal_neural_gpu.base()


def test_the_binary_adder_is_trained_on_at_most_41_tokens():
    recipe = algorithmic.binary_addition()
    assert (recipe.data["base"], recipe.data.get("max_length", 41)) == (2, 41)
