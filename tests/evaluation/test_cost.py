from dataclasses import replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from lengthwise import catalog
from lengthwise.contracts import Feature, Features
from lengthwise.data.batching import BatchConfig
from lengthwise.evaluation.cost import cost, longest_batch, refuse_too_large
from lengthwise.models import diagonal_neural_gpu, looped_transformer, neural_gpu
from lengthwise.models.transformer import TransformerConfig
from lengthwise.runtime import Runtime

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


def on(compute_dtype=torch.float32) -> Runtime:
    return Runtime(device=torch.device("cpu"), compute_dtype=compute_dtype, seed=0)


def test_what_fits_is_not_refused():
    refuse_too_large(MODEL, SHARED, longest_batch(BatchConfig(), 256, is_computed=False), on())


@pytest.mark.parametrize(
    ("model", "batch"),
    [
        (MODEL, BatchConfig(tokens=10**10, max_rows=10**9)),
        (diagonal_neural_gpu.base(), BatchConfig(lengths=(8, 10**5))),
        (neural_gpu.base(), BatchConfig()),
        (looped_transformer.base(), BatchConfig()),
    ],
)
def test_what_does_not_fit_is_refused_with_how_much_it_needs(model, batch):
    features = replace(SHARED, growth=(1, 0))
    with pytest.raises(ValueError, match=r"must fit in memory, but one of .* needs about [\d,]+ GiB and this machine"):
        refuse_too_large(model, features, longest_batch(batch, 10**5, is_computed=True), on())


def test_a_length_that_positions_do_not_reach_is_refused():
    model = replace(MODEL, positions="learned")
    with pytest.raises(ValueError, match="`learned` positions must be fewer than 2048, but are 5000"):
        refuse_too_large(model, SHARED, [(1, 5000)], on())


@pytest.mark.parametrize("name", [name for name in catalog.names("models") if "tiny" in name or "universal" in name])
def test_every_model_is_counted(name):
    model, features = catalog.find("models", name)(), replace(SHARED, growth=(1, 0))
    if model.refuses(features):
        image = Feature(modality="image", size=1, shape=(8, 8))
        features = Features(inputs=image, targets=Feature(modality="label", size=5))
    if model.refuses(features):
        features = Features(inputs=Feature(modality="spectrogram", size=8), targets=Feature(size=9))
    found = cost(model, features, 2, LENGTH, torch.float32)
    assert found.flops > 0 and found.activation_bytes > 0 and found.num_parameters > found.num_embedding_parameters


def test_the_products_of_a_neural_gpu_are_those_of_plain_convolutions():
    config, positions = diagonal_neural_gpu.tiny(), LENGTH + 1
    state, weight = torch.zeros(ROWS, config.num_maps, positions), torch.zeros(config.num_maps, config.num_maps, 3)
    with FlopCounterMode(display=False) as counter:
        for _ in range(positions):
            for which in (weight, weight, weight):  # two gates and a candidate
                torch.nn.functional.conv1d(state, which, padding=1)
    found = cost(config, replace(SHARED, growth=(1, 0)), ROWS, LENGTH, torch.float32)
    assert found.flops == 3 * counter.get_total_flops()
