import torch

from lengthwise.contracts import Feature, Features
from lengthwise.evaluation.cost import cost
from lengthwise.models.transformer import TransformerConfig

VOCAB, WIDTH, INNER, ROWS, LENGTH = 50, 32, 64, 3, 8
MODEL = TransformerConfig(d_model=WIDTH, d_ff=INNER, num_heads=2, num_encoder_layers=1, num_decoder_layers=1)
SHARED = Features(inputs=Feature(size=VOCAB), targets=Feature(size=VOCAB), is_shared=True)


def counted(rows: int = ROWS, dtype: torch.dtype = torch.float32, features: Features = SHARED):
    return cost(MODEL, features, rows, LENGTH, dtype)


def test_flops_are_those_counted_by_hand():
    positions = ROWS * LENGTH
    attention = 4 * 2 * positions * WIDTH * WIDTH + 2 * 2 * positions * LENGTH * WIDTH
    feed_forward = 2 * 2 * positions * WIDTH * INNER
    head = 2 * positions * WIDTH * VOCAB
    forward = 3 * attention + 2 * feed_forward + head
    assert counted().flops == 3 * forward


def test_parameters_are_those_counted_by_hand():
    attention, feed_forward, norms = 4 * WIDTH * WIDTH, 2 * WIDTH * INNER, (2 + 3 + 2) * WIDTH
    found = counted()
    assert found.num_embedding_parameters == VOCAB * WIDTH
    assert found.num_parameters == VOCAB * WIDTH + 3 * attention + 2 * feed_forward + norms
    assert found.state_bytes == 16 * found.num_parameters


def test_a_vocabulary_of_its_own_for_each_side_is_counted_twice():
    apart = counted(features=Features(inputs=Feature(size=VOCAB), targets=Feature(size=VOCAB)))
    assert apart.num_embedding_parameters == 2 * VOCAB * WIDTH


def test_activations_grow_with_the_rows_but_weights_do_not():
    once, twice = counted(), counted(rows=2 * ROWS)
    assert 1.9 * once.activation_bytes < twice.activation_bytes <= 2 * once.activation_bytes
    assert once.state_bytes == twice.state_bytes


def test_half_as_wide_numbers_take_less_memory():
    half, whole = counted(dtype=torch.bfloat16).activation_bytes, counted().activation_bytes
    assert 0.4 * whole < half < 0.8 * whole


def test_nothing_large_is_allocated():
    huge = TransformerConfig(d_model=16384, d_ff=65536, num_encoder_layers=12, num_decoder_layers=12)
    assert cost(huge, SHARED, 1, LENGTH, torch.float32).num_parameters > 10**10
