"""Copying: a next token may be one of the inputs, found by attention ("Get To The Point", See et al. 2017, 1704.04368).

The attention that finds it is one of its own, not a layer's: what a layer reads is not what is to be written next.
`places_of` says how far into its inputs an output has come, which a decoder that copies in order must know and finds
hard to count where words stand twice (hard monotonic attention: Aharoni and Goldberg 2017, arXiv 1611.01487).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lengthwise.contracts import PAD, Copies
from lengthwise.layers.masks import HIDDEN


class Gate(nn.Linear):
    """One number of a vector; no matrix to an optimizer."""

    role = "vector"


class CopyHead(nn.Module):
    """Which of the inputs would be copied, and whether any is."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.queries = nn.Linear(d_model, d_model, bias=False)
        self.keys = nn.Linear(d_model, d_model, bias=False)
        """`[batch, source_len, d_model]` of a memory, computed once, however often it is asked."""
        self.gate = Gate(d_model, 1)

    def forward(
        self,
        hidden: Float[Tensor, "batch target_len d_model"],
        keys: Float[Tensor, "batch source_len d_model"],
        inputs: Int[Tensor, "batch source_len"],
    ) -> Copies:
        """At full precision from the scores on; padding is never copied."""
        scores = self.queries(hidden) * hidden.shape[-1] ** -0.5 @ keys.transpose(1, 2)
        exact = torch.promote_types(scores.dtype, torch.float32)
        scores = scores.to(exact).masked_fill((inputs == PAD)[:, None], HIDDEN)
        return Copies(self.gate(hidden)[:, :, 0].to(exact), scores.log_softmax(-1), inputs)


def advance(
    places: Int[Tensor, " rows"], inputs: Int[Tensor, "rows source_len"], tokens: Int[Tensor, " rows"]
) -> Int[Tensor, " rows"]:
    """Where each row is in its inputs when one token more is written: behind the next input that equals it.

    Where none does from here on it is the first of all, and where none does at all the place stays.
    """
    is_same = inputs == tokens[:, None]
    is_next = is_same & (torch.arange(inputs.shape[1], device=inputs.device) >= places[:, None])
    chosen = torch.where(is_next.any(1, keepdim=True), is_next, is_same)
    return torch.where(chosen.any(1), chosen.int().argmax(1) + 1, places)


@torch.no_grad()
def places_of(
    inputs: Int[Tensor, "batch source_len"], tokens: Int[Tensor, "batch length"]
) -> Int[Tensor, "batch length"]:
    """The place of each row when it has written each of its tokens."""
    place, found = torch.zeros_like(tokens[:, 0]), []
    for written in tokens.unbind(1):
        place = advance(place, inputs, written)
        found.append(place)
    return torch.stack(found, 1)


def at(
    x: Float[Tensor, "batch source_len d_model"], places: Int[Tensor, "batch length"]
) -> Float[Tensor, "batch length d_model"]:
    """The vectors at these places; behind the last one, the last."""
    index = places.clamp(max=x.shape[1] - 1)[:, :, None].expand(-1, -1, x.shape[2])
    return x.gather(1, index)
