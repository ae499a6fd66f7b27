import torch

from lengthwise.layers.precision import cast_to_compute


def test_activations_are_cast_only_under_autocast():
    x = torch.ones(2)
    assert cast_to_compute(x).dtype == torch.float32
    with torch.autocast("cpu", torch.bfloat16):
        assert cast_to_compute(x).dtype == torch.bfloat16


def test_a_model_without_memory_is_left_as_it_is():
    assert cast_to_compute(torch.ones(2, device="meta")).dtype == torch.float32
