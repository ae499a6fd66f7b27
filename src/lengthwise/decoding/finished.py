"""The best finished hypotheses of every sentence of a beam search, in falling order."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class Finished:
    """A table of `[sentences, beam]`; an empty place has the score `-inf`."""

    scores: Float[Tensor, "batch beam"]
    log_probs: Float[Tensor, "batch beam"]
    ends: Int[Tensor, "batch beam"]
    """How many tokens stand in the trellis; `EOS` does not."""
    slots: Int[Tensor, "batch beam"]
    """Where the last of these tokens stands."""

    @classmethod
    def empty(cls, num_sentences: int, beam: int, device: torch.device) -> "Finished":
        """No hypothesis yet."""
        low = torch.full((num_sentences, beam), -torch.inf, device=device)
        zero = torch.zeros(num_sentences, beam, dtype=torch.long, device=device)
        return cls(low, low.clone(), zero, zero.clone())

    def merge(self, others: "Finished") -> "Finished":
        """The best of both by score; the older ones first among equals."""
        return self._best_by(torch.cat([self.scores, others.scores], dim=1), others)

    def fill(self, others: "Finished") -> "Finished":
        """Put others only where nothing is yet."""
        return self._best_by(torch.cat([self.scores, others.scores], dim=1).isfinite().float(), others)

    def rows(self, index: Tensor) -> "Finished":
        """Some of the sentences."""
        return Finished(*(column[index] for column in self._columns()))

    def put(self, index: Int[Tensor, " rows"], others: "Finished") -> None:
        """Overwrite the places of some of the sentences."""
        for mine, theirs in zip(self._columns(), others._columns(), strict=True):
            mine[index] = theirs

    def _columns(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.scores, self.log_probs, self.ends, self.slots

    def _best_by(self, keys: Tensor, others: "Finished") -> "Finished":
        order = torch.sort(keys, dim=-1, descending=True, stable=True).indices[:, : self.scores.shape[1]]
        columns = zip(self._columns(), others._columns(), strict=True)
        return Finished(*(torch.cat(pair, dim=1).gather(1, order) for pair in columns))
