"""What a decoder attends to beside its own history, held once per sentence however many rows of a beam read it."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lengthwise.layers.attention import attend
from lengthwise.layers.masks import Mask

Memory = tuple[Float[Tensor, "sentences heads source_len d_head"], Float[Tensor, "sentences heads source_len d_head"]]
"""Keys and values."""


class BeamMemory:
    """The memories of all layers; equal runs of rows, `beam` long, read the same sentence."""

    def __init__(self, memories: list[Memory], mask: Mask) -> None:
        self.memories = memories
        self.mask = mask
        self.beam = 1

    def attend(self, layer: int, queries: Float[Tensor, "rows heads d_head"]) -> Float[Tensor, "rows heads d_head"]:
        """Every row attends to its sentence: one product for all rows of a beam."""
        blocks = queries.unflatten(0, (-1, self.beam)).transpose(1, 2)
        return attend(blocks, *self.memories[layer], self.mask).transpose(1, 2).flatten(0, 1)

    def reorder(self, order: Int[Tensor, " rows"]) -> None:
        """Let row `i` read what row `order[i]` read; costs nothing where every row stays within its sentence."""
        sentence = order // self.beam
        if len(order) == len(self) and bool(
            (sentence == torch.arange(len(self), device=order.device) // self.beam).all()
        ):
            return
        _, counts = sentence.unique_consecutive(return_counts=True)
        self.beam = int(counts[0]) if bool((counts == counts[:1]).all()) and len(counts) else 1
        chosen = sentence[:: self.beam]
        self.memories = [
            (keys.index_select(0, chosen), values.index_select(0, chosen)) for keys, values in self.memories
        ]
        if self.mask.keys is not None:
            self.mask = Mask(keys=self.mask.keys[chosen])

    def __len__(self) -> int:
        """Rows."""
        return len(self.memories[0][0]) * self.beam
