"""Attention that skips what a mask hides, block by block: FlexAttention, for GPUs."""

from functools import cache
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask, and_masks, create_block_mask, flex_attention

from lengthwise.layers.masks import Mask


def attend_by_blocks(
    queries: Float[Tensor, "batch heads query_len d_head"],
    keys: Float[Tensor, "batch key_heads key_len d_head"],
    values: Float[Tensor, "batch key_heads key_len d_head"],
    mask: Mask,
) -> Float[Tensor, "batch heads query_len d_head"]:
    """As `layers.attention.attend`; on a CPU forward only, not compiled.

    A query that may see no key gets zeros.
    """
    # One mask of keys serves queries of several lengths: an encoder's, a decoder's, a beam's.
    kind = f"blocks {queries.shape[2]} {keys.shape[2]}"
    blocks = mask.lowered(kind, lambda: block_mask(mask, queries, keys))
    return _kernel(queries.device.type)(queries, keys, values, block_mask=blocks, enable_gqa=True)


def block_mask(mask: Mask, queries: Tensor, keys: Tensor) -> BlockMask:
    """Which blocks of queries and keys the mask leaves wholly, in part or not at all."""
    query_len, key_len = queries.shape[2], keys.shape[2]
    seen, documents = mask.keys, mask.documents
    parts = [lambda row, head, query, key: key >= 0]
    if mask.is_causal:
        parts.append(lambda row, head, query, key: key <= query + key_len - query_len)
    if seen is not None:
        parts.append(lambda row, head, query, key: seen[row, key])
    if documents is not None:
        parts.append(lambda row, head, query, key: documents[row, query] == documents[row, key])
    return create_block_mask(and_masks(*parts), len(queries), None, query_len, key_len, device=str(queries.device))


@cache
def _kernel(device: str) -> Any:
    """One compiled kernel for all lengths: a new one for each would be compiled for minutes."""
    return torch.compile(flex_attention, dynamic=True) if device == "cuda" else flex_attention
