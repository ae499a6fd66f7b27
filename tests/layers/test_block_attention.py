"""Blocks hide what the dense mask hides: forward on any machine, backward where there is a GPU."""

import pytest
import torch

from lengthwise.layers.attention import attend_by_matmul
from lengthwise.layers.block_attention import attend_by_blocks
from lengthwise.layers.masks import Mask

LENGTH = 200
DOCUMENTS = torch.arange(LENGTH).div(60, rounding_mode="floor").expand(2, -1) + 1
KEYS = torch.arange(LENGTH)[None] < torch.tensor([[200], [130]])
MASKS = {
    "causal": Mask(is_causal=True),
    "padding": Mask(keys=KEYS),
    "causal and padding": Mask(is_causal=True, keys=KEYS),
    "documents": Mask(is_causal=True, documents=DOCUMENTS),
}


def three(device: str, num_key_heads: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Queries, keys and values."""
    generator = torch.Generator().manual_seed(0)

    def heads(number: int) -> torch.Tensor:
        return torch.randn(2, number, LENGTH, 16, generator=generator).to(device).requires_grad_(device == "cuda")

    return heads(4), heads(num_key_heads), heads(num_key_heads)


@pytest.mark.parametrize("num_key_heads", [4, 2])
@pytest.mark.parametrize("name", MASKS)
# Not compiled, as a CPU has no backward to compile: torch warns that it holds all scores.
@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
def test_blocks_hide_what_the_dense_mask_hides(name: str, num_key_heads: int):
    inputs = three("cpu", num_key_heads)
    with torch.no_grad():
        torch.testing.assert_close(
            attend_by_blocks(*inputs, MASKS[name]), attend_by_matmul(*inputs, MASKS[name]), rtol=1e-4, atol=1e-5
        )


@pytest.mark.compiled
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("num_key_heads", [4, 2])
@pytest.mark.parametrize("name", MASKS)
def test_gradients_of_blocks_are_those_of_the_definition(name: str, num_key_heads: int):
    mask = MASKS[name]
    keys = None if mask.keys is None else mask.keys.cuda()
    documents = None if mask.documents is None else mask.documents.cuda()
    mask = Mask(is_causal=mask.is_causal, keys=keys, documents=documents)
    inputs = three("cuda", num_key_heads)
    found, expected = attend_by_blocks(*inputs, mask), attend_by_matmul(*inputs, mask)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)
    gradients = [torch.autograd.grad(each.square().sum(), inputs) for each in (found, expected)]
    torch.testing.assert_close(*gradients, rtol=1e-2, atol=1e-2)


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
def test_one_mask_serves_queries_of_several_lengths():
    keys = torch.randn(2, 2, 24, 16)
    mask = Mask(keys=torch.arange(24) < torch.tensor([[24], [9]]))
    for query_len in (24, 7, 1):
        inputs = torch.randn(2, 2, query_len, 16), keys, keys
        torch.testing.assert_close(
            attend_by_blocks(*inputs, mask), attend_by_matmul(*inputs, mask), rtol=1e-4, atol=1e-5
        )
