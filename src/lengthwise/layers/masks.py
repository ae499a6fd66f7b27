"""Which key a query may see: one description, lowered to what each attention kernel wants."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lengthwise.contracts import PAD

HIDDEN = -1e9
"""Added to the score of a key that must not be seen: finite, so that a row without any key stays a number."""


@dataclass(frozen=True)
class Mask:
    """A causal mask, a padding mask, a mask of documents, several of them or none."""

    is_causal: bool = False
    keys: Bool[Tensor, "batch key_len"] | None = None
    """True where a key is real; None where all are."""
    documents: Int[Tensor, "batch length"] | None = None
    """Of self-attention over rows of several documents: which one a position is of; each sees its own alone."""

    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What it was lowered to, for the layers that follow."""

    def lowered(self, kind: str, build: Callable[[], Any]) -> Any:
        """What `build` returns, built once."""
        if kind not in self.kept:
            self.kept[kind] = build()
        return self.kept[kind]

    @property
    def is_dense(self) -> bool:
        """Whether it takes more than saying that it is causal."""
        return self.keys is not None or self.documents is not None

    def dense(self, query_len: int, key_len: int, like: Tensor) -> Float[Tensor, "_batch 1 query_len key_len"] | None:
        """What to add to the scores, in the type and on the device of `like`; None for nothing."""
        bias = None
        if self.is_causal:
            bias = torch.full((query_len, key_len), HIDDEN, dtype=like.dtype, device=like.device)
            bias = bias.triu_(1 + key_len - query_len)[None, None]
        if self.keys is not None:
            padding = torch.zeros(self.keys.shape, dtype=like.dtype, device=like.device)
            padding = padding.masked_fill_(~self.keys, HIDDEN)[:, None, None]
            bias = padding.expand(-1, -1, query_len, -1) if bias is None else bias + padding
        if self.documents is not None:
            others = self.documents[:, :, None] != self.documents[:, None]
            hidden = torch.zeros(others.shape, dtype=like.dtype, device=like.device).masked_fill_(others, HIDDEN)
            bias = hidden[:, None] if bias is None else bias + hidden[:, None]
        return bias


def padding_mask(inputs: Tensor) -> Mask:
    """Hide the keys that are padding; nothing to hide costs nothing on the CPU."""
    keys = inputs != PAD
    # On a GPU the question would stop the host until all queued work is done.
    return Mask() if keys.device.type == "cpu" and bool(keys.all()) else Mask(keys=keys)
