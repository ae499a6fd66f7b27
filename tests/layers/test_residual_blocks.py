import pytest
import torch
import torch.nn.functional as F

from lengthwise.layers.residual_blocks import Block, Convolution, GroupNorm


@pytest.mark.parametrize(("size", "stride"), [(3, 1), (3, 2), (1, 2), (11, 5)])
def test_a_convolution_is_pytorchs_with_its_kernel_as_a_matrix(size, stride):
    layer = Convolution(2, 4, size, stride).double()
    image = torch.rand(3, 2, 10, 10, dtype=torch.double)
    expected = F.conv2d(image, layer.weight.view(4, 2, size, size), stride=stride, padding=size // 2)
    torch.testing.assert_close(layer(image), expected)
    assert layer(image).shape[2] == 10 // stride


def test_norms_do_not_let_examples_of_a_batch_see_each_other():
    norm = GroupNorm(16)
    images = torch.rand(3, 16, 4, 4)
    torch.testing.assert_close(norm(images)[:1], norm(images[:1]))


@pytest.mark.parametrize("is_separable", [False, True])
def test_a_block_adds_to_what_it_reads_and_halves_the_resolution_where_asked(is_separable):
    same, halved = Block(16, 16, 1, is_separable), Block(16, 32, 2, is_separable)
    image = torch.rand(2, 16, 8, 8)
    torch.nn.init.zeros_(next(p for p in reversed(list(same.second.parameters())) if p.ndim == 2))
    torch.testing.assert_close(same(image), image)
    assert halved(image).shape == (2, 32, 4, 4)
