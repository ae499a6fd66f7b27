import pytest
import torch
import torch.nn.functional as F

from lengthwise.layers.convolution import DepthwiseConvolution, Window
from lengthwise.training.optimizers import parameter_roles


def convolution(is_causal: bool, kernel_size: int = 3, dilation: int = 2) -> DepthwiseConvolution:
    torch.manual_seed(0)
    return DepthwiseConvolution(4, kernel_size, dilation, is_causal).double()


def torchs(x: torch.Tensor, layer: DepthwiseConvolution) -> torch.Tensor:
    padded = F.pad(x.transpose(1, 2), (layer.num_before, layer.span - layer.num_before))
    return F.conv1d(padded, layer.weight.t()[:, None], dilation=layer.dilation, groups=4).transpose(1, 2)


@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize(("kernel_size", "dilation"), [(1, 1), (3, 1), (3, 4), (5, 2)])
def test_it_equals_torchs_grouped_convolution_forward_and_backward(is_causal, kernel_size, dilation):
    layer = convolution(is_causal, kernel_size, dilation)
    x = torch.randn(2, 7, 4, dtype=torch.double, requires_grad=True)
    found, expected = layer(x), torchs(x, layer)
    torch.testing.assert_close(found, expected)
    inputs = (x, layer.weight)
    gradients = torch.autograd.grad(found.square().sum(), inputs)
    torch.testing.assert_close(gradients, torch.autograd.grad(expected.square().sum(), inputs))


def test_a_causal_one_sees_the_present_and_what_is_a_dilation_apart_before_it():
    layer, x = convolution(True), torch.zeros(1, 9, 4, dtype=torch.double)
    x[0, 3] = 1
    assert layer(x)[0].any(-1).nonzero().flatten().tolist() == [3, 5, 7]


def test_any_other_sees_as_far_to_both_sides():
    layer, x = convolution(False), torch.zeros(1, 9, 4, dtype=torch.double)
    x[0, 3] = 1
    assert layer(x)[0].any(-1).nonzero().flatten().tolist() == [1, 3, 5]


@pytest.mark.parametrize(("kernel_size", "dilation"), [(1, 1), (2, 3), (3, 2)])
def test_steps_equal_all_at_once(kernel_size, dilation):
    layer = convolution(True, kernel_size, dilation)
    x = torch.randn(3, 11, 4, dtype=torch.double)
    window = Window(x[:, 0], layer.span)
    with torch.no_grad():
        found = torch.stack([layer.step(x[:, position], window) for position in range(11)], dim=1)
        torch.testing.assert_close(found, layer(x))


def test_a_window_follows_its_rows():
    window = Window(torch.zeros(3, 1), 2)
    for value in (1.0, 2.0, 3.0):
        window.push(torch.tensor([[value], [10 * value], [100 * value]]))
    window.reorder(torch.tensor([2, 2, 0, 1]))
    assert window.back(1).flatten().tolist() == [300, 300, 3, 30]
    assert window.back(2).flatten().tolist() == [200, 200, 2, 20]


def test_in_bf16_it_is_near_the_exact_answer():
    layer = convolution(False, 5, 1).float()
    x = torch.randn(2, 9, 4)
    torch.testing.assert_close(layer(x.bfloat16()).float(), layer(x), atol=0.05, rtol=0.05)


def test_a_new_one_leaves_the_variance_of_noise_as_it_is():
    torch.manual_seed(0)
    layer = DepthwiseConvolution(256, 5)
    assert float(layer(torch.randn(4, 100, 256)).detach().var()) == pytest.approx(1, abs=0.1)


def test_filters_are_no_matrices_to_the_optimizer():
    assert parameter_roles(convolution(True)) == {"weight": "tensor"}


def test_a_filter_without_a_middle_is_refused():
    with pytest.raises(ValueError, match="`kernel_size` must be odd"):
        DepthwiseConvolution(4, 2)
