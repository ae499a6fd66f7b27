import torch

from lengthwise.contracts import PAD
from lengthwise.layers.masks import HIDDEN, Mask, padding_mask


def bias_of(mask: Mask, query_len: int, key_len: int) -> torch.Tensor:
    bias = mask.dense(query_len, key_len, torch.zeros(1))
    assert bias is not None
    return bias


def test_a_causal_mask_hides_what_comes_later():
    bias = bias_of(Mask(is_causal=True), 3, 3)
    assert torch.equal(bias[0, 0] == 0, torch.tensor([[1, 0, 0], [1, 1, 0], [1, 1, 1]]).bool())


def test_a_causal_mask_of_fewer_queries_than_keys_lets_the_last_query_see_all():
    bias = bias_of(Mask(is_causal=True), 2, 4)
    assert torch.equal(bias[0, 0] == 0, torch.tensor([[1, 1, 1, 0], [1, 1, 1, 1]]).bool())


def test_padding_is_hidden_from_every_query():
    mask = padding_mask(torch.tensor([[5, 1, PAD], [5, 6, 1]]))
    bias = bias_of(mask, 2, 3)
    assert bias.shape == (2, 1, 2, 3)
    assert torch.equal(bias[0, 0, :, 2], torch.full((2,), HIDDEN))
    assert not bias[1].any()


def test_without_padding_there_is_nothing_to_add():
    assert padding_mask(torch.tensor([[5, 1]])).dense(2, 2, torch.zeros(1)) is None


def test_both_masks_hide_the_union():
    keys = torch.tensor([[True, True, False]])
    bias = bias_of(Mask(is_causal=True, keys=keys), 3, 3)
    assert torch.equal(bias[0, 0] >= 0, torch.tensor([[1, 0, 0], [1, 1, 0], [1, 1, 0]]).bool())
