"""Scaled dot-product attention, its kernel chosen by length, mask and device, and the multi-head layers around it."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from lengthwise.layers.block_attention import attend_by_blocks
from lengthwise.layers.masks import Mask
from lengthwise.layers.norms import RMSNorm
from lengthwise.layers.positions import NO_RELATION, Relation, rotated

MATMUL_MAX_KEYS = 256
"""Up to here the CPU multiplies matrices: its flash kernel's backward costs 8 times its forward at lengths near 50."""

Heads = Float[Tensor, "batch heads _length d_head"]
KeyHeads = Float[Tensor, "batch key_heads key_len d_head"]
"""As many as those of the queries or fewer, each then read by several in turn (Ainslie et al. 2023)."""
Bias = Float[Tensor, "_batch heads query_len key_len"]
"""Added to the scores, by the places of query and key; a batch of 1 for all rows."""


def attend(
    queries: Float[Tensor, "batch heads query_len d_head"],
    keys: KeyHeads,
    values: KeyHeads,
    mask: Mask,
    bias: Bias | None = None,
) -> Float[Tensor, "batch heads query_len d_head"]:
    """Softmax(Q Kᵀ / √d + bias) V over the keys that `mask` leaves (Vaswani et al. 2017, equation 1)."""
    if queries.device.type == "cpu" and keys.shape[2] <= MATMUL_MAX_KEYS:
        return attend_by_matmul(queries, keys, values, mask, bias)
    is_grouped = keys.shape[1] != queries.shape[1]
    if not mask.is_dense and bias is None:
        return F.scaled_dot_product_attention(queries, keys, values, is_causal=mask.is_causal, enable_gqa=is_grouped)
    if bias is None and queries.device.type == "cuda":
        return attend_by_blocks(queries, keys, values, mask)
    dense = mask.dense(queries.shape[2], keys.shape[2], queries)
    if bias is not None:
        dense = bias.to(queries.dtype) if dense is None else dense + bias
    return F.scaled_dot_product_attention(queries, keys, values, dense, enable_gqa=is_grouped)


def attend_by_matmul(
    queries: Float[Tensor, "batch heads query_len d_head"],
    keys: KeyHeads,
    values: KeyHeads,
    mask: Mask,
    bias: Bias | None = None,
) -> Float[Tensor, "batch heads query_len d_head"]:
    """The definition, written out: the reference for every other kernel, and the fastest one for short sequences."""
    if keys.shape[1] != queries.shape[1]:
        keys, values = (each.repeat_interleave(queries.shape[1] // keys.shape[1], dim=1) for each in (keys, values))
    scores = queries * queries.shape[-1] ** -0.5 @ keys.transpose(-2, -1)
    for added in (mask.dense(queries.shape[2], keys.shape[2], scores), bias):
        if added is not None:
            scores += added
    return scores.softmax(-1) @ values


class StackedLinear(nn.Linear):
    """Several projections of one input in one matrix; optimizers that see matrices treat its blocks of rows apart."""

    def __init__(self, d_model: int, num_blocks: int, use_bias: bool = False, width: int | None = None) -> None:
        """`width`: of each block, where it is not `d_model`."""
        super().__init__(d_model, num_blocks * (width or d_model), bias=use_bias)
        self.num_blocks = num_blocks


class SelfAttention(nn.Module):
    """Attention of a sequence to itself in `num_heads` subspaces (Vaswani et al. 2017, section 3.2.2)."""

    def __init__(self, d_model: int, num_heads: int, use_bias: bool = False) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.projection = StackedLinear(d_model, 3, use_bias)
        self.output = nn.Linear(d_model, d_model, bias=use_bias)

    def project(
        self, x: Float[Tensor, "batch length d_model"], relation: Relation = NO_RELATION
    ) -> tuple[Heads, Heads, Heads]:
        """Queries, keys and values, the first two turned where the relation has a rotation."""
        queries, keys, values = split_heads(self.projection(x), 3, self.num_heads)
        return rotated(queries, relation.rotation), rotated(keys, relation.rotation), values

    def forward(
        self,
        x: Float[Tensor, "batch length d_model"],
        mask: Mask,
        relation: Relation = NO_RELATION,
    ) -> Float[Tensor, "batch length d_model"]:
        """Every position reads the positions that `mask` leaves."""
        queries, keys, values = self.project(x, relation)
        return self.output(merge_heads(attend(queries, keys, values, mask, relation.bias)))


class GroupedQueryAttention(nn.Module):
    """Causal self-attention whose keys and values have fewer heads than its queries (Ainslie et al. 2023).

    With `use_qk_norm` the heads of queries and keys are normalised (Henry et al. 2020, arXiv 2010.04245).
    """

    def __init__(
        self, d_model: int, num_heads: int, num_key_heads: int, *, use_bias: bool = False, use_qk_norm: bool = False
    ) -> None:
        super().__init__()
        self.num_key_heads, self.num_groups = num_key_heads, num_heads // num_key_heads
        d_head = d_model // num_heads
        self.projection = StackedLinear(d_model, self.num_groups + 2, use_bias, width=num_key_heads * d_head)
        self.output = nn.Linear(d_model, d_model, bias=use_bias)
        self.query_norm = RMSNorm(d_head) if use_qk_norm else nn.Identity()
        self.key_norm = RMSNorm(d_head) if use_qk_norm else nn.Identity()

    def project(
        self, x: Float[Tensor, "batch length d_model"], relation: Relation = NO_RELATION
    ) -> tuple[
        Float[Tensor, "batch heads length d_head"],
        Float[Tensor, "batch key_heads length d_head"],
        Float[Tensor, "batch key_heads length d_head"],
    ]:
        """Queries, keys and values, the first two turned where the relation has a rotation."""
        *queries, keys, values = split_heads(self.projection(x), self.num_groups + 2, self.num_key_heads)
        # Head by head of the keys, those of the queries that read it.
        asked = self.query_norm(torch.stack(queries, 2).flatten(1, 2) if len(queries) > 1 else queries[0])
        return rotated(asked, relation.rotation), rotated(self.key_norm(keys), relation.rotation), values

    def forward(
        self, x: Float[Tensor, "batch length d_model"], mask: Mask, relation: Relation = NO_RELATION
    ) -> Float[Tensor, "batch length d_model"]:
        """Every position reads the positions that `mask` leaves."""
        return self.output(merge_heads(attend(*self.project(x, relation), mask, relation.bias)))


class CrossAttention(nn.Module):
    """Attention of a sequence to a memory in `num_heads` subspaces (Vaswani et al. 2017, section 3.2.3)."""

    def __init__(self, d_model: int, num_heads: int, use_bias: bool = False) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.queries = nn.Linear(d_model, d_model, bias=use_bias)
        self.keys_values = StackedLinear(d_model, 2, use_bias)
        self.output = nn.Linear(d_model, d_model, bias=use_bias)

    def read(self, memory: Float[Tensor, "batch key_len d_model"]) -> tuple[Heads, Heads]:
        """Keys and values of the memory: computed once, however often it is asked."""
        keys, values = split_heads(self.keys_values(memory), 2, self.num_heads)
        return keys, values

    def ask(
        self, x: Float[Tensor, "batch query_len d_model"], keys: Heads, values: Heads, mask: Mask, bias: Bias | None
    ) -> Float[Tensor, "batch query_len d_model"]:
        """Every position reads the memory."""
        (queries,) = split_heads(self.queries(x), 1, self.num_heads)
        return self.output(merge_heads(attend(queries, keys, values, mask, bias)))

    def forward(
        self,
        x: Float[Tensor, "batch query_len d_model"],
        memory: Float[Tensor, "batch key_len d_model"],
        mask: Mask,
        bias: Bias | None = None,
    ) -> Float[Tensor, "batch query_len d_model"]:
        """Read and ask."""
        return self.ask(x, *self.read(memory), mask, bias)


def split_heads(x: Float[Tensor, "batch length width"], count: int, num_heads: int) -> tuple[Heads, ...]:
    """Cut the channels into `count` tensors of `num_heads` heads: `[batch, heads, length, d_head]` each."""
    batch, length, width = x.shape
    parts = x.view(batch, length, count, num_heads, width // (count * num_heads))
    return parts.permute(2, 0, 3, 1, 4).contiguous().unbind(0)


def merge_heads(x: Heads) -> Float[Tensor, "batch length d_model"]:
    """Put the heads side by side again."""
    return x.transpose(1, 2).flatten(2)
