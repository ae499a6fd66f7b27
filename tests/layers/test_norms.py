import pytest
import torch

from lengthwise.layers.norms import LayerNorm


def test_layer_norm_is_torchs():
    x = torch.randn(3, 64)
    expected = torch.nn.LayerNorm(64, eps=1e-6)(x)
    torch.testing.assert_close(LayerNorm(64)(x), expected)
    torch.testing.assert_close(LayerNorm(64, use_bias=False)(x), expected)


@pytest.mark.parametrize("norm", [LayerNorm(8), LayerNorm(8, use_bias=False)])
def test_activations_keep_their_type_beside_full_precision_weights(norm):
    assert norm(torch.randn(2, 8, dtype=torch.bfloat16)).dtype == torch.bfloat16
