"""What every decoder is asked for: the same sentences, the same beam, in the batches that suit it best."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

PAD = 0
EOS = 1
START = 2

Sentences = Sequence[Sequence[int]]
"""Token ids of each sentence, closed by `EOS`."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """What must be equal in all decoders."""

    beam: int = 4
    length_penalty: float = 0.0
    """At 0 all of them rank by the plain log-probability; elsewhere their formulas differ."""

    def limit(self, source: Sequence[int]) -> int:
        """The most tokens to write for a source, `EOS` included: Lengthwise's own default."""
        return min(2 * len(source) + 20, 2048)


class Decoder(ABC):
    """A decoder and the settings among which its best is to be found."""

    settings: Sequence[str]
    """The first one computes in fp32."""

    @abstractmethod
    def decode(self, sources: Sentences, search: Search, setting: str) -> list[list[int]]:
        """The best output of each source, without `EOS`, in the order of `sources`."""


def in_sorted_batches(
    sources: Sentences, batch_size: int, decode_batch: Callable[[list[list[int]]], list[list[int]]]
) -> list[list[int]]:
    """Decode sentences of like length together, longest first, and restore their order."""
    order = sorted(range(len(sources)), key=lambda i: -len(sources[i]))
    outputs: list[list[int]] = [[] for _ in sources]
    for first in range(0, len(order), batch_size):
        rows = order[first : first + batch_size]
        for row, output in zip(rows, decode_batch([list(sources[i]) for i in rows]), strict=True):
            outputs[row] = output
    return outputs


def padded(rows: Sentences) -> Tensor:
    """One tensor `[batch, longest]`, padded with `PAD` on the right."""
    tensors = [torch.tensor(row) for row in rows]
    return torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True, padding_value=PAD)


def until_end(row: Sequence[int]) -> list[int]:
    """The tokens before the first `EOS`, without padding."""
    tokens = list(row)
    tokens = tokens[: tokens.index(EOS)] if EOS in tokens else tokens
    return [token for token in tokens if token != PAD]
