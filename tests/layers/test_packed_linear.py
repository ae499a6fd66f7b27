import pytest
import torch
from torch import nn

from lengthwise.layers.packed_linear import PackedLinear, pack


@pytest.mark.parametrize("use_bias", [False, True])
@pytest.mark.parametrize("shape", [(1, 16), (5, 16), (2, 3, 16)])
def test_a_packed_layer_computes_what_the_layer_does(shape, use_bias):
    layer = nn.Linear(16, 24, bias=use_bias).bfloat16()
    x = torch.randn(shape).bfloat16()
    with torch.inference_mode():
        torch.testing.assert_close(PackedLinear(layer)(x), layer(x))


def test_every_linear_layer_is_packed_and_nothing_else():
    model = nn.Sequential(nn.Linear(8, 8), nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 4))).bfloat16()
    pack(model)
    assert [type(m).__name__ for m in model.modules() if not list(m.children())] == [
        "PackedLinear",
        "LayerNorm",
        "PackedLinear",
    ]


def test_a_full_precision_model_stays_as_it_is():
    model = nn.Sequential(nn.Linear(8, 8))
    pack(model)
    assert isinstance(model[0], nn.Linear)
