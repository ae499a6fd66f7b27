"""The likeliest next tokens of every row and their log-probabilities, without a normalised matrix."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import pad

from lengthwise.contracts import EOS, START

FIRST_WORD = START + 1
"""The first id that is a token of the text: `PAD` and `START` are never written."""

# On the CPU: 64 rows of 8,000 logits stay in the cache between the passes over them.
_ROWS = 64


class BestTokens(NamedTuple):
    """What one step of a search must know of the logits."""

    log_probs: Float[Tensor, "rows count"]
    """Of the likeliest words, in falling order; `-inf` where the vocabulary has fewer."""
    tokens: Int[Tensor, "rows count"]
    eos: Float[Tensor, " rows"]
    """Log-probability of ending here."""


def best_tokens(logits: Float[Tensor, "rows vocab"], count: int) -> BestTokens:
    """The `count` likeliest words of each row, ties to the lower id; ValueError where logits are not numbers."""
    words = logits[:, FIRST_WORD:]
    num_rows = _ROWS if logits.device.type == "cpu" else len(logits)
    scanned = [_scan(rows.float()) for rows in logits.split(num_rows)]
    # A logit plus the offset of its row is a log-probability.
    offsets, maxima = (torch.cat(column) for column in zip(*scanned, strict=True))
    places = _among_blocks(words, maxima, min(count, words.shape[-1]))
    log_probs = words.gather(-1, places).float() + offsets
    eos = logits[:, EOS].float() + offsets.squeeze(-1)
    check_numbers(eos)
    missing = count - places.shape[-1]
    if missing:
        log_probs, places = pad(log_probs, (0, missing), value=-torch.inf), pad(places, (0, missing))
    return BestTokens(log_probs, places + FIRST_WORD, eos)


def check_numbers(log_probs: Float[Tensor, " rows"]) -> None:
    """ValueError if any is NaN, which one NaN or `+inf` among a row's logits suffices for."""
    if log_probs.isnan().any():
        raise ValueError(
            "The model's logits must be numbers, but some are NaN or infinite. "
            "Its weights or its number format are broken: try an earlier checkpoint, or `precision=fp32`."
        )


def _scan(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Minus the log of the normaliser of each row, and the maxima of the blocks of its words."""
    # The softmax is one fused pass, 2x faster than `logsumexp`; its largest value is at least 1 / vocab: safe to log.
    # It is at most 1, and rounding keeps order, so no log-probability comes out above 0: `is_settled` builds on that.
    offsets = logits.softmax(-1).amax(-1, keepdim=True).log() - logits.amax(-1, keepdim=True)
    return offsets, _block_maxima(logits[:, FIRST_WORD:])


def first_highest(values: Float[Tensor, "rows columns"], count: int) -> Int[Tensor, "rows count"]:
    """Columns of the `count` highest values of each row in falling order, the lower column first among equals.

    `torch.topk` leaves the order of equals open, and bf16 logits often are equal; it is slower besides.
    """
    return _among_blocks(values, _block_maxima(values), count)


def _block_size(num_columns: int) -> int:
    return 64 if num_columns >= 1024 else 16


def _block_maxima(values: Tensor) -> Tensor:
    block = _block_size(values.shape[-1])
    num_blocks = values.shape[-1] // block
    # One vectorised pass, 10x faster than a `topk` over 8,000 columns.
    return values[:, : num_blocks * block].unflatten(-1, (num_blocks, block)).amax(-1)


def _among_blocks(values: Tensor, maxima: Tensor, count: int) -> Tensor:
    block, num_blocks = _block_size(values.shape[-1]), maxima.shape[-1]
    if num_blocks < 2 * count:
        return _among_few(values, count)
    # The `count` highest lie in the `count` blocks with the highest maxima, or behind the last whole block.
    blocks = _among_few(maxima, count).sort(dim=-1).values
    columns = blocks[:, :, None] * block + torch.arange(block, device=values.device)
    tail = torch.arange(num_blocks * block, values.shape[-1], device=values.device)
    columns = torch.cat([columns.flatten(1), tail.expand(len(values), -1)], dim=-1)
    return columns.gather(-1, first_highest(values.gather(-1, columns).float(), count))


def _among_few(values: Tensor, count: int) -> Tensor:
    """Take the first maximum `count` times: for few, passes over few columns beat a sort."""
    if count > 16:
        return torch.sort(values, dim=-1, descending=True, stable=True).indices[:, :count]
    # Off `-inf`, which marks what was taken.
    left = values.clamp(min=torch.finfo(values.dtype).min)
    places = []
    for _ in range(count):
        places.append(left.argmax(-1, keepdim=True))
        left.scatter_(-1, places[-1], -torch.inf)
    return torch.cat(places, dim=-1)
