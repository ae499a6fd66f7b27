import pytest
import torch
import torch.nn.functional as F

from lengthwise.layers.attention import (
    MATMUL_MAX_KEYS,
    CrossAttention,
    SelfAttention,
    attend,
    attend_by_matmul,
    merge_heads,
    split_heads,
)
from lengthwise.layers.masks import Mask

KEYS = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])


def heads(length: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, 3, length, 4, dtype=torch.double, generator=generator, requires_grad=True)


def three(length: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Queries, keys and values."""
    return heads(length, 0), heads(length, 1), heads(length, 2)


@pytest.mark.parametrize("mask", [Mask(), Mask(is_causal=True), Mask(keys=KEYS), Mask(is_causal=True, keys=KEYS)])
def test_every_kernel_equals_the_definition_forward_and_backward(mask):
    inputs = three(5)
    found = attend_by_matmul(*inputs, mask)
    gradients = torch.autograd.grad(found.square().sum(), inputs)
    bias = mask.dense(5, 5, inputs[0])
    expected = F.scaled_dot_product_attention(*inputs, bias)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(gradients, torch.autograd.grad(expected.square().sum(), inputs))


@pytest.mark.parametrize("mask", [Mask(), Mask(is_causal=True)])
def test_long_sequences_take_another_kernel_with_the_same_answer(mask):
    inputs = three(MATMUL_MAX_KEYS + 1)
    torch.testing.assert_close(attend(*inputs, mask), attend_by_matmul(*inputs, mask))


def test_long_padded_sequences_have_the_same_answer_too():
    inputs = three(MATMUL_MAX_KEYS + 1)
    keys = torch.arange(MATMUL_MAX_KEYS + 1)[None] < torch.tensor([[300], [100]])
    mask = Mask(is_causal=True, keys=keys)
    torch.testing.assert_close(attend(*inputs, mask), attend_by_matmul(*inputs, mask))


@pytest.mark.parametrize("length", [5, MATMUL_MAX_KEYS + 1])
@pytest.mark.parametrize("is_dense", [False, True])
def test_heads_of_keys_are_read_by_several_of_queries_in_turn(length: int, is_dense: bool):
    queries, keys, values = three(length)
    few = keys[:, :1], values[:, :1]
    mask = Mask(is_causal=True, keys=torch.ones(2, length, dtype=torch.bool) if is_dense else None)
    expected = attend_by_matmul(queries, few[0].expand(-1, 3, -1, -1), few[1].expand(-1, 3, -1, -1), mask)
    torch.testing.assert_close(attend(queries, *few, mask), expected)


def test_documents_of_a_row_do_not_see_each_other():
    queries, keys, values = three(5)
    documents = torch.tensor([[1, 1, 2, 2, 2], [1, 1, 1, 1, 1]])
    found = attend(queries, keys, values, Mask(is_causal=True, documents=documents))
    expected = attend(queries[:1, :, 2:], keys[:1, :, 2:], values[:1, :, 2:], Mask(is_causal=True))
    torch.testing.assert_close(found[:1, :, 2:], expected)


def test_heads_are_blocks_of_channels():
    x = torch.arange(2 * 3 * 8).view(2, 3, 8).double()
    first, second = split_heads(x, 2, 2)
    assert torch.equal(first[:, 1], x[:, :, 2:4])
    assert torch.equal(merge_heads(second), x[:, :, 4:])


def test_attention_to_itself_is_attention_to_a_copy_of_itself():
    torch.manual_seed(0)
    own, cross = SelfAttention(8, 2), CrossAttention(8, 2)
    cross.queries.weight = torch.nn.Parameter(own.projection.weight[:8])
    cross.keys_values.weight = torch.nn.Parameter(own.projection.weight[8:])
    cross.output = own.output
    x = torch.randn(2, 5, 8)
    torch.testing.assert_close(own(x, Mask()), cross(x, x.clone(), Mask()))
