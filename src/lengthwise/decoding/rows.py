"""Writing one output per row, token by token: what greedy and sampling share."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lengthwise.contracts import EOS, PAD, START, Autoregressive
from lengthwise.decoding.hypothesis import Hypothesis
from lengthwise.decoding.stopping import is_drop_worth, length_penalty

Choose = Callable[[Tensor, Tensor, int], tuple[Tensor, Tensor]]
"""(logits of the rows still written, which rows these are, step) -> (their next tokens, the log-probabilities)."""


Inputs = Int[Tensor, "batch source_len"] | Float[Tensor, "batch *shape"]


@dataclass(frozen=True)
class Prefixes:
    """What rows without inputs begin with, in place of inputs: ids with `PAD` behind each row's last."""

    tokens: Int[Tensor, "batch length"]
    ends: Callable[[list[int]], bool] | None = None
    """Whether a row ends with what it has written behind its prefix."""

    def ended(self, written: Int[Tensor, "rows length"], rows: Int[Tensor, " rows"]) -> Bool[Tensor, " rows"]:
        """Which of these rows end here."""
        if self.ends is None:
            return torch.zeros_like(rows, dtype=torch.bool)
        lengths = (self.tokens[rows] != PAD).sum(1).tolist()
        found = [self.ends(row[length:]) for row, length in zip(written.tolist(), lengths, strict=True)]
        return torch.tensor(found, device=rows.device)


def write_rows(
    model: Autoregressive,
    inputs: Inputs | Prefixes | None,
    limits: Int[Tensor, " batch"],
    choose: Choose,
    alpha: float,
) -> list[Hypothesis]:
    """Write each row until `EOS` or its limit; finished rows are dropped from the model's state.

    Prefixes count towards the limits and stand in the outputs; log-probabilities are of what was chosen.
    """
    longest = int(limits.max())
    given = inputs.tokens if isinstance(inputs, Prefixes) else torch.zeros(len(limits), 0, dtype=torch.long)
    state = model.start(None if isinstance(inputs, Prefixes) else inputs, longest)
    if isinstance(inputs, Prefixes):
        state.reorder(torch.zeros_like(limits))
    written = torch.full((len(limits), longest), PAD, device=limits.device)
    log_probs = torch.zeros(len(limits), device=limits.device)
    rows = torch.arange(len(limits), device=limits.device)
    is_done = torch.zeros_like(rows, dtype=torch.bool)
    tokens = torch.full_like(rows, START)
    num_given = int((given != PAD).sum(1).min()) if given.numel() else 0
    for step in range(longest):
        logits = model.step(tokens, state)
        if step < num_given:
            tokens = written[rows, step] = given[rows, step]
            continue
        tokens, gains = choose(logits, rows, step)
        if step < given.shape[1]:
            is_given = given[rows, step] != PAD
            tokens = torch.where(is_given, given[rows, step], tokens)
            gains = gains.masked_fill(is_given, 0)
        written[rows, step] = tokens.masked_fill(is_done, PAD)
        log_probs[rows] += gains.masked_fill(is_done, 0)
        is_done = is_done | (tokens == EOS) | (limits[rows] == step + 1)
        if isinstance(inputs, Prefixes):
            is_done |= inputs.ended(written[rows, : step + 1], rows)
        num_done = int(is_done.sum())
        if num_done == len(rows):
            break
        if num_done and is_drop_worth(num_done, len(rows)):
            kept = (~is_done).nonzero().squeeze(-1)
            state.reorder(kept)
            rows, tokens, is_done = rows[kept], tokens[kept], is_done[kept]
    return _hypotheses(written, log_probs, alpha)


def _hypotheses(written: Tensor, log_probs: Tensor, alpha: float) -> list[Hypothesis]:
    lengths = (written != PAD).sum(-1)
    scores = (log_probs / length_penalty(lengths, alpha)).tolist()
    rows = [row[:length] for row, length in zip(written.tolist(), lengths.tolist(), strict=True)]
    rows = [row[:-1] if row[-1] == EOS else row for row in rows]
    return [Hypothesis(*answer) for answer in zip(rows, scores, log_probs.tolist(), strict=True)]
