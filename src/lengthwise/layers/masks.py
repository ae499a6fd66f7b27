"""Which key a query may see: one description, lowered to what each attention kernel wants."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from lengthwise.contracts import PAD

HIDDEN = -1e9
"""Added to the score of a key that must not be seen: finite, so that a row without any key stays a number."""


@dataclass(frozen=True)
class Mask:
    """A causal mask, a padding mask, both or neither."""

    is_causal: bool = False
    keys: Bool[Tensor, "batch key_len"] | None = None
    """True where a key is real; None where all are."""

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
        return bias


def padding_mask(inputs: Tensor) -> Mask:
    """Hide the keys that are padding; nothing to hide costs nothing on the CPU."""
    keys = inputs != PAD
    # On a GPU the question would stop the host until all queued work is done.
    return Mask() if keys.device.type == "cpu" and bool(keys.all()) else Mask(keys=keys)
