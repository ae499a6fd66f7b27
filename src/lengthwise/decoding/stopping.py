"""When a sentence stops: its longest output, its length penalty, and the proof that nothing better can come."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

LONGEST = 2048
"""Most tokens written unless a config says otherwise: a model that never ends must not run for minutes."""


def max_length(source_length: int, asked: int | None = None, growth: tuple[int, int] | None = None) -> int:
    """Most tokens, `EOS` included, for a source of so many tokens; a row's own length alone decides, not its batch.

    `growth`: of the problem, which knows how long its outputs can become.
    """
    if asked is not None:
        return asked
    if growth is not None:
        return growth[0] * (source_length - 1) + growth[1] + 1
    return min(2 * source_length + 20, LONGEST)


def max_lengths(
    source_lengths: Sequence[int], asked: int | None = None, growth: tuple[int, int] | None = None
) -> Int[Tensor, " batch"]:
    """`max_length` of every row."""
    return torch.tensor([max_length(length, asked, growth) for length in source_lengths], dtype=torch.long)


def length_penalty(length: Int[Tensor, "*shape"], alpha: float) -> Float[Tensor, "*shape"]:
    """`((5 + length) / 6) ** alpha`, which a log-probability is divided by (GNMT, 2016, eq. 14)."""
    # In fp32 the last digit of a power depends on where in a vector it stands, and so on the batch.
    return (((5 + length.double()) / 6) ** alpha).float()


def is_settled(
    finished: Float[Tensor, "batch beam"],
    live: Float[Tensor, "batch beam"],
    limits: Int[Tensor, " batch"],
    alpha: float,
    num_return: int,
) -> Bool[Tensor, " batch"]:
    """Whether the `num_return` best finished scores (sorted) are safe from every live log-probability.

    Exact: each further token adds at most 0 to a log-probability, and dividing by the penalty of the longest
    output allowed (`alpha >= 0`) brings a negative number nearest to 0. On a tie the older hypothesis wins.
    """
    best_possible = live.amax(-1) / length_penalty(limits, alpha)
    return finished[:, num_return - 1] >= best_possible


def is_ahead(
    finished: Float[Tensor, "batch beam"],
    live: Float[Tensor, "batch beam"],
    length: int,
    alpha: float,
    num_return: int,
) -> Bool[Tensor, " batch"]:
    """Whether a live hypothesis would be among the `num_return` best if it ended at this length at no cost.

    Where a model is nearly sure and the vocabulary small, the unlikeliest ends fill a beam while the right output is
    being written.
    """
    score = live.amax(-1) / length_penalty(torch.tensor(length, device=live.device), alpha)
    return score > finished[:, num_return - 1]


def is_drop_worth(num_done: int, num_sentences: int) -> bool:
    """Whether to drop finished sentences now: dropping copies what the model remembers of the others."""
    return num_done >= 8 or 4 * num_done >= num_sentences
