"""Sampling with temperature, top-k and top-p; a row's draws depend on its own seed alone, never on its batch."""

import hashlib
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lengthwise.contracts import PAD, START, Autoregressive
from lengthwise.decoding.best_tokens import check_numbers, first_highest
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.hypothesis import Hypothesis
from lengthwise.decoding.rows import Inputs, Prefixes, write_rows

LIKELY = (64, 512)
"""How many tokens are sorted first, where those that have `top_p` together are wanted."""


def sample(
    model: Autoregressive,
    inputs: Inputs | Prefixes | None,
    limits: Int[Tensor, " batch"],
    seeds: Sequence[int],
    config: DecodeConfig,
) -> list[Hypothesis]:
    """One draw per row, with one seed per row; `log_prob` is the model's own, before temperature and cuts."""
    draws = [_draws(seed, limit) for seed, limit in zip(seeds, limits.tolist(), strict=True)]
    noise = torch.nn.utils.rnn.pad_sequence(draws, batch_first=True).to(limits.device)

    def choose(logits: Tensor, rows: Tensor, step: int) -> tuple[Tensor, Tensor]:
        columns, probabilities = distribution(logits, config.temperature, config.top_k, config.top_p)
        tokens = columns.gather(-1, invert(probabilities, noise[rows, step])[:, None])
        log_probs = logits.float().log_softmax(-1).gather(-1, tokens)
        return tokens.squeeze(-1), log_probs.squeeze(-1)

    return write_rows(model, inputs, limits, choose, config.length_penalty)


def seed_of_row(seed: int, row: int) -> int:
    """A seed for row `row` of a run with `seed`; unlike a sum, (0, 1) and (1, 0) differ."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{row}".encode()).digest()[:7], "big")


def distribution(
    logits: Float[Tensor, "rows vocab"], temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0
) -> tuple[Int[Tensor, "rows columns"], Float[Tensor, "rows columns"]]:
    """Candidate tokens of each row and their weights, which need not sum to 1; cut ones weigh 0.

    In this order: temperature, the `top_k` likeliest, then of these the fewest that have `top_p` together.
    """
    never = torch.tensor([PAD, START], device=logits.device)
    logits = logits.float().index_fill(-1, never, -torch.inf)
    logits = (logits - logits.amax(-1, keepdim=True)) / temperature
    num_columns = min(top_k or logits.shape[-1], logits.shape[-1])
    if num_columns == logits.shape[-1] and top_p == 1:
        columns = torch.arange(num_columns, device=logits.device).expand(logits.shape)
        return columns, _checked(logits.softmax(-1))
    columns = None if top_k else _likely(logits, top_p)
    if columns is None:
        columns = first_highest(logits, num_columns)
    chosen = logits.gather(-1, columns)
    probabilities = chosen.softmax(-1) if top_k else (chosen - logits.logsumexp(-1, keepdim=True)).exp()
    if top_p < 1:
        before = probabilities.cumsum(-1) - probabilities
        # The likeliest stays however small `top_p` is: nothing is before it.
        probabilities = probabilities.masked_fill(before >= top_p, 0)
    return columns, _checked(probabilities)


def _likely(logits: Tensor, top_p: float) -> Tensor | None:
    """Columns of some of the likeliest in falling order, where these have `top_p` together in every row."""
    # Sorting all tokens costs more than the model's step, and what is cut is never looked at.
    total = logits.logsumexp(-1, keepdim=True)
    for count in LIKELY:
        if count >= logits.shape[-1]:
            return None
        values, columns = logits.topk(count)
        # Of those equal to the last, others may be missing.
        probabilities = (values - total).exp().masked_fill(values == values[:, -1:], 0)
        if bool((probabilities.sum(-1) >= top_p).all()):
            columns = columns.sort(-1).values
            return columns.gather(-1, logits.gather(-1, columns).sort(dim=-1, descending=True, stable=True).indices)
    return None


def _checked(probabilities: Tensor) -> Tensor:
    check_numbers(probabilities[:, 0])
    return probabilities


def invert(weights: Float[Tensor, "rows columns"], quantiles: Float[Tensor, " rows"]) -> Int[Tensor, " rows"]:
    """The column at each quantile (in [0, 1)) of the row's distribution; never one of weight 0."""
    cumulative = weights.double().cumsum(-1)
    # In double precision a quantile in fp32 below 1 stays below the total.
    wanted = quantiles.double() * cumulative[:, -1]
    return torch.searchsorted(cumulative, wanted[:, None], right=True).squeeze(-1)


def _draws(seed: int, count: int) -> Tensor:
    return torch.rand(count, generator=torch.Generator().manual_seed(seed))
