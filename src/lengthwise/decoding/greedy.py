"""Greedy search: always the likeliest next token."""

import torch
from jaxtyping import Int
from torch import Tensor

from lengthwise.contracts import EOS, Autoregressive
from lengthwise.decoding.best_tokens import best_tokens
from lengthwise.decoding.hypothesis import Hypothesis
from lengthwise.decoding.rows import Inputs, Prefixes, write_rows


def greedy(
    model: Autoregressive,
    inputs: Inputs | Prefixes | None,
    limits: Int[Tensor, " batch"],
    *,
    length_penalty: float = 0.0,
) -> list[Hypothesis]:
    """The output of each row, at most `limits` tokens long; the penalty changes only the `score` reported."""
    return write_rows(model, inputs, limits, _likeliest, length_penalty)


def _likeliest(logits: Tensor, rows: Tensor, step: int) -> tuple[Tensor, Tensor]:
    best = best_tokens(logits, 1)
    word, word_log_prob = best.tokens[:, 0], best.log_probs[:, 0]
    # `EOS` is the lower id, so it wins a tie.
    is_end = best.eos >= word_log_prob
    return torch.where(is_end, EOS, word), torch.maximum(best.eos, word_log_prob)
