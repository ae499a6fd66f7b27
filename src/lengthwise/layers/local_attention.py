"""Attention within blocks of an image and to the blocks around them (Parmar et al. 2018, arXiv 1802.05751)."""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Int
from torch import Tensor, nn

from lengthwise.layers.attention import StackedLinear
from lengthwise.layers.masks import HIDDEN

OWN, ABOVE, LEFT, RIGHT = (0, 0), (-1, 0), (0, -1), (0, 1)
NOWHERE = -1


@dataclass(frozen=True)
class Blocks:
    """How the positions of an image, row by row from the top left, are cut into blocks of rows and columns.

    A query sees its own block, the one above and, where blocks are narrower than the image, those beside these: what of
    them comes before it in the order of writing.
    """

    shape: tuple[int, int, int]
    """Height, width and channels of the image."""
    rows: int
    columns: int

    def __post_init__(self) -> None:
        height, width, _ = self.shape
        for name, size, whole in (("block_rows", self.rows, height), ("block_columns", self.columns, width)):
            if size < 1 or whole % size:
                raise ValueError(f"`model.{name}` must divide images of {height} x {width}, but is {size}.")

    @property
    def counts(self) -> tuple[int, int]:
        """Blocks from top to bottom and from left to right."""
        return self.shape[0] // self.rows, self.shape[1] // self.columns

    def cut(self, x: Tensor) -> Tensor:
        """`[batch, length, *rest]` to `[batch, down, across, block_len, *rest]`."""
        (down, across), channels = self.counts, self.shape[2]
        rest = x.shape[2:]
        x = x.reshape(len(x), down, self.rows, across, self.columns * channels, *rest).transpose(2, 3)
        return x.reshape(len(x), down, across, self.rows * self.columns * channels, *rest)

    def joined(self, x: Tensor) -> Tensor:
        """The inverse of `cut`."""
        (down, across), channels = self.counts, self.shape[2]
        rest = x.shape[4:]
        x = x.reshape(len(x), down, across, self.rows, self.columns * channels, *rest).transpose(2, 3)
        return x.reshape(len(x), math.prod(self.shape), *rest)

    def around(self, x: Tensor, fill: int = 0) -> Tensor:
        """Every block's own positions and those of its neighbours: of `cut`, the fourth dimension becomes longer."""
        down, across = self.counts
        beside = [LEFT, RIGHT] if across > 1 else []
        seen = [OWN, ABOVE, *beside, *((ABOVE[0], column) for _, column in beside)]
        padded = F.pad(x, (0, 0) * (x.ndim - 3) + (1, 1, 1, 0), value=fill)
        parts = [padded[:, 1 + row : 1 + row + down, 1 + column : 1 + column + across] for row, column in seen]
        return torch.cat(parts, dim=3)

    @cached_property
    def places(self) -> tuple[Int[Tensor, "down across queries"], Int[Tensor, "down across keys"]]:
        """Which position each query and each key is; `NOWHERE` outside the image."""
        own = self.cut(torch.arange(math.prod(self.shape))[None])
        return own[0], self.around(own, NOWHERE)[0]

    @cached_property
    def is_seen(self) -> Bool[Tensor, "down across queries keys"]:
        """Whether the key comes before the query, or is its own position."""
        queries, keys = (each[:, :, None] for each in self.places)
        return (keys >= 0) & (keys <= queries.transpose(2, 3))

    @cached_property
    def seen_from(self) -> list[Int[Tensor, " _keys"]]:
        """For each position those that it sees."""
        queries, keys = self.places
        down, across, count = queries.shape
        found = {
            int(queries[i, j, k]): keys[i, j][self.is_seen[i, j, k]]
            for i in range(down)
            for j in range(across)
            for k in range(count)
        }
        return [found[position] for position in range(len(found))]


class LocalAttention(nn.Module):
    """Self-attention of an image's positions within their surroundings, in `num_heads` subspaces."""

    def __init__(self, d_model: int, num_heads: int, blocks: Blocks) -> None:
        super().__init__()
        self.num_heads, self.blocks = num_heads, blocks
        self.projection = StackedLinear(d_model, 3)
        self.output = nn.Linear(d_model, d_model, bias=False)
        hidden = torch.zeros(blocks.is_seen.shape).masked_fill_(~blocks.is_seen, HIDDEN)
        self.register_buffer("hidden", hidden[:, :, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """`[batch, length, d_model]` to the same; a length below the image's is one that breaks off."""
        length = x.shape[1]
        x = F.pad(x, (0, 0, 0, math.prod(self.blocks.shape) - length))
        queries, keys, values = (self.blocks.cut(each) for each in self.projection(x).chunk(3, dim=-1))
        keys, values = self.blocks.around(keys), self.blocks.around(values)
        queries, keys, values = (self._heads(each) for each in (queries, keys, values))
        bias = self.get_buffer("hidden").to(queries.dtype)
        if queries.device.type == "cuda":
            bias = bias.expand(len(x), *bias.shape).flatten(0, 2)
            flat = (each.flatten(0, 2) for each in (queries, keys, values))
            found = F.scaled_dot_product_attention(*flat, bias).view(queries.shape)
        else:
            scores = queries * queries.shape[-1] ** -0.5 @ keys.transpose(-2, -1)
            found = (scores + bias).softmax(-1) @ values
        return self.output(self.blocks.joined(found.transpose(3, 4).flatten(4))[:, :length])

    def step(self, x: Tensor, keys: Tensor, values: Tensor, position: int) -> Tensor:
        """The newest position of every row, `[rows, 1, d_model]`; what it adds to keys and values is written there.

        Those are `[rows, length, d_model]`.
        """
        query, keys[:, position], values[:, position] = self.projection(x[:, 0]).chunk(3, dim=-1)
        seen = self.blocks.seen_from[position].to(x.device)
        heads = (each.unflatten(-1, (self.num_heads, -1)) for each in (query, keys[:, seen], values[:, seen]))
        query, near, read = heads
        scores = torch.einsum("rhd,rkhd->rhk", query * query.shape[-1] ** -0.5, near)
        return self.output(torch.einsum("rhk,rkhd->rhd", scores.softmax(-1), read).flatten(1)[:, None])

    def _heads(self, x: Tensor) -> Tensor:
        """`[batch, down, across, block_len, d_model]` to `[batch, down, across, heads, block_len, d_head]`."""
        return x.unflatten(-1, (self.num_heads, -1)).transpose(3, 4)
