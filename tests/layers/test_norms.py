import pytest
import torch

from lengthwise.layers.norms import LayerNorm, RMSNorm


def test_layer_norm_is_torchs():
    x = torch.randn(3, 64)
    expected = torch.nn.LayerNorm(64, eps=1e-6)(x)
    torch.testing.assert_close(LayerNorm(64)(x), expected)
    torch.testing.assert_close(LayerNorm(64, use_bias=False)(x), expected)


@pytest.mark.parametrize("norm", [LayerNorm(8), LayerNorm(8, use_bias=False), RMSNorm(8)])
def test_activations_keep_their_type_beside_full_precision_weights(norm):
    assert norm(torch.randn(2, 8, dtype=torch.bfloat16)).dtype == torch.bfloat16


@pytest.mark.parametrize("scale", [1.0, 1e-3])
def test_rms_norm_and_its_gradients_are_torchs(scale: float):
    norm = RMSNorm(64).double()
    torch.nn.init.normal_(norm.weight)
    x = (scale * torch.randn(3, 5, 64, dtype=torch.double)).requires_grad_()
    expected = torch.nn.functional.rms_norm(x, (64,), norm.weight, 1e-6)
    torch.testing.assert_close(norm(x), expected)
    gradient = torch.randn_like(x)
    torch.testing.assert_close(
        torch.autograd.grad(norm(x), (x, norm.weight), gradient),
        torch.autograd.grad(expected, (x, norm.weight), gradient),
    )
