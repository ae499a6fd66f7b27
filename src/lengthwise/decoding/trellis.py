"""Every step of a beam search as tokens and back-pointers, from which outputs are read at the end."""

import torch
from jaxtyping import Int
from torch import Tensor

from lengthwise.contracts import PAD


class Trellis:
    """What was written where: costs the same at every step, however long the outputs are."""

    def __init__(self, num_sentences: int, beam: int, device: torch.device) -> None:
        """Empty, for so many sentences with `beam` slots each."""
        self._blank = torch.zeros(num_sentences, beam, dtype=torch.long, device=device)
        self._steps: list[tuple[Tensor, Tensor]] = []

    def add(
        self,
        sentences: Int[Tensor, " live"],
        tokens: Int[Tensor, "live beam"],
        parents: Int[Tensor, "live beam"],
    ) -> None:
        """Note which token each slot of these sentences got, and behind which slot of the step before."""
        columns = (self._blank.index_copy(0, sentences, values) for values in (tokens, parents))
        self._steps.append((next(columns), next(columns)))

    def read(
        self, ends: Int[Tensor, "batch count"], slots: Int[Tensor, "batch count"]
    ) -> Int[Tensor, "batch count target_len"]:
        """The first `ends` tokens of what stood in slot `slots` after that many steps, padded with `PAD`."""
        outputs = torch.full((*ends.shape, len(self._steps)), PAD, device=ends.device)
        for step in reversed(range(len(self._steps))):
            tokens, parents = self._steps[step]
            is_inside = step < ends
            outputs[:, :, step] = torch.where(is_inside, tokens.gather(1, slots), PAD)
            slots = torch.where(is_inside, parents.gather(1, slots), slots)
        return outputs
