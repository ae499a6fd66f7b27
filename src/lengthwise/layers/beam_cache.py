"""Keys and values of a decoder, kept so that beam search moves no cache.

The rows of a sentence share one block of slots. A row that continues another one's history only changes a small table
of ancestors: attention looks at all slots of the sentence and hides those that are not the row's ancestors.
"""

import torch
from jaxtyping import Int, Shaped
from torch import Tensor

from lengthwise.layers.attention import attend
from lengthwise.layers.masks import HIDDEN, Mask

Memory = tuple[
    Shaped[Tensor, "sentences _heads source_len _d_head"], Shaped[Tensor, "sentences _heads source_len _d_head"]
]

BLOCK = 8
"""Positions that the caches grow by: the CPU's matrix kernel copies whatever is not laid out without gaps."""


class BeamCache:
    """Caches of all layers; `sentences` blocks of `beam` rows each, `length` positions written so far."""

    def __init__(
        self,
        memories: list[Memory],
        memory_mask: Mask,
        max_length: int,
        memory_places: Tensor | None = None,
        num_layers: int | None = None,
    ) -> None:
        """`memory_places`: `[sentences or 1, source_len]`, where the positions of the memory stand.

        `num_layers`: where one memory serves all of them, or memories follow that are no layer's.
        """
        self.memories = memories
        self.num_layers = num_layers or len(memories)
        self.memory_mask = memory_mask
        self.memory_places = memory_places
        self.max_length = max_length
        self.length = 0
        self.beam = 1
        self.allocate()

    def allocate(self) -> None:
        """Room for the next block of positions of every sentence."""
        keys = self.memories[0][0]
        sentences, heads, _, d_head = keys.shape
        capacity = min(self.length + BLOCK, self.max_length)
        # Zeros, as what is hidden is still multiplied: by 0.
        self.slots = keys.new_zeros(self.num_layers, 2, sentences, heads, capacity, self.beam, d_head)
        # bias[s, i, t, j]: 0 where slot j at position t is an ancestor of row i of sentence s.
        self.bias = keys.new_full((sentences, self.beam, capacity, self.beam), HIDDEN)

    def attend(self, layer: int, queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None = None) -> Tensor:
        """Write the newest keys and values (`[sentences, heads, beam, d_head]`); attend to each row's own history.

        `bias`: `[sentences or 1, heads, 1, positions]`, what is added to the scores of each position up to the newest.
        """
        self.write(layer, keys, values)
        scores = self._own_scores(layer, queries * queries.shape[-1] ** -0.5, bias)
        return _read(scores.softmax(-1), self.slots[layer][1].flatten(2, 3))

    def _own_scores(self, layer: int, queries: Tensor, bias: Tensor | None) -> Tensor:
        """Of all slots of the sentence, hidden where they are not the row's history."""
        scores = _score(queries, self.slots[layer][0].flatten(2, 3))
        scores += self.bias.flatten(2)[:, None]
        if bias is not None:
            scores[..., : self.beam * bias.shape[3]] += bias.repeat_interleave(self.beam, 3)
        return scores

    def attend_with_memory(
        self, layer: int, queries: Tensor, keys: Tensor, values: Tensor, biases: tuple[Tensor | None, Tensor | None]
    ) -> Tensor:
        """The same where the memory is the beginning of every row's history: one softmax over both.

        `biases`: what is added to the memory's scores (as in `attend_memory`) and to the others.
        """
        self.write(layer, keys, values)
        queries = queries * queries.shape[-1] ** -0.5
        memory_keys, memory_values = self.memories[layer % len(self.memories)]
        scores = _score(queries, memory_keys)
        for added in (self.memory_mask.dense(queries.shape[2], scores.shape[3], scores), biases[0]):
            scores = scores if added is None else scores + added
        shares = torch.cat((scores, self._own_scores(layer, queries, biases[1])), dim=-1).softmax(-1)
        first, second = shares.split([scores.shape[3], shares.shape[3] - scores.shape[3]], dim=-1)
        return _read(first, memory_values) + _read(second, self.slots[layer][1].flatten(2, 3))

    def write(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Put the newest keys and values in their place."""
        if layer == 0:
            self.open_position()
        slot_keys, slot_values = self.slots[layer]
        slot_keys[:, :, self.length], slot_values[:, :, self.length] = keys, values

    def open_position(self) -> None:
        """Make room for the next position and let every row see its own slot there."""
        if self.length == self.max_length:
            raise ValueError(
                f"A state for {self.length} tokens must not be asked for more; start one with a larger `max_length`."
            )
        if self.length == self.bias.shape[2]:
            self.move(self.slots, self.bias)
        self.bias[:, :, self.length].diagonal(dim1=1, dim2=2).zero_()

    def move(self, slots: Tensor, bias: Tensor) -> None:
        """Allocate anew, and bring over what has been written."""
        self.allocate()
        self.slots[:, :, :, :, : self.length] = slots[:, :, :, :, : self.length]
        self.bias[:, :, : self.length] = bias[:, :, : self.length]

    def attend_memory(self, layer: int, queries: Tensor, bias: Tensor | None = None) -> Tensor:
        """Attend to the memory of the sentence: its keys are read once for all rows of a beam.

        `bias`: `[sentences or 1, heads, 1, keys]`, added to the scores of all its rows.
        """
        return attend(queries, *self.memories[layer % len(self.memories)], self.memory_mask, bias)

    def reorder(self, order: Int[Tensor, " rows"]) -> None:
        """Let row `i` continue row `order[i]`; cheap where every row stays within its sentence."""
        sentence, parent = order // self.beam, order % self.beam
        if self.length == 0 and self.beam == 1:
            self.expand(sentence)
            return
        blocks = sentence.view(-1, self.beam) if len(order) % self.beam == 0 else sentence[:, None]
        if not bool((blocks == blocks[:, :1]).all()) or blocks.shape[1] != self.beam:
            self.separate(sentence, parent)
            return
        chosen = blocks[:, 0]
        if len(chosen) != len(self.bias) or not bool((chosen == torch.arange(len(chosen), device=order.device)).all()):
            self.select(chosen)
        self.bias = self.bias.gather(1, parent.view(-1, self.beam, 1, 1).expand_as(self.bias))

    def expand(self, sentence: Int[Tensor, " rows"]) -> None:
        """Before the first position: equal runs of a sentence become the rows of its block."""
        _, counts = sentence.unique_consecutive(return_counts=True)
        self.beam = int(counts[0]) if bool((counts == counts[0]).all()) else 1
        self.select_memories(sentence[:: self.beam])
        self.allocate()

    def select_memories(self, sentence: Int[Tensor, " chosen"]) -> None:
        """Keep the memories of these sentences."""
        self.memories = [
            (keys.index_select(0, sentence), values.index_select(0, sentence)) for keys, values in self.memories
        ]
        if self.memory_mask.keys is not None:
            self.memory_mask = Mask(keys=self.memory_mask.keys[sentence])
        if self.memory_places is not None and len(self.memory_places) > 1:
            self.memory_places = self.memory_places[sentence]

    def select(self, sentence: Int[Tensor, " chosen"]) -> None:
        """Keep these sentences with their histories."""
        self.select_memories(sentence)
        self.move(self.slots.index_select(2, sentence), self.bias[sentence])

    def separate(self, sentence: Int[Tensor, " rows"], parent: Int[Tensor, " rows"]) -> None:
        """An order that mixes sentences: every row becomes a block of its own, with its ancestors in its only slot."""
        ancestor = self.bias[sentence, parent, : self.length].argmax(-1)
        if self.beam == 1:
            ancestor = torch.zeros_like(ancestor)
        slots, time = self.slots, torch.arange(self.length, device=sentence.device)
        self.select_memories(sentence)
        self.beam = 1
        self.allocate()
        self.bias[:, :, : self.length] = 0
        history = slots[:, :, sentence[:, None], :, time, ancestor]
        self.slots[:, :, :, :, : self.length, 0] = history.permute(2, 3, 0, 4, 1, 5)


def _score(queries: Tensor, keys: Tensor) -> Tensor:
    """`[sentences, heads, beam, slots]`; keys may have fewer heads, each then read by several in turn."""
    asked = queries.unflatten(1, (keys.shape[1], -1)).flatten(2, 3)
    return (asked @ keys.transpose(-2, -1)).view(*queries.shape[:3], keys.shape[2])


def _read(shares: Tensor, values: Tensor) -> Tensor:
    """The values by their shares, with heads as in `_score`."""
    asked = shares.unflatten(1, (values.shape[1], -1)).flatten(2, 3)
    return (asked @ values).view(*shares.shape[:3], values.shape[3])
