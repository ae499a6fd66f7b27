"""One loss per output modality; each returns a sum to differentiate and the count to divide it by."""

from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from lengthwise.contracts import PAD, Batch, Counts, Distribution, Output

CHUNK = {"cpu": 512, "cuda": 8192}
"""Rows of logits that exist at a time, by device: 512 x 8,000 in bf16 stay in a CPU's cache."""


@dataclass(frozen=True)
class LossSum:
    """Sums over the real target positions of a batch."""

    total: Tensor
    """To differentiate: smoothed cross-entropy plus the auxiliary losses, scaled so that dividing by the number of the
    update's target tokens makes means of them all."""
    nll: Tensor
    """Negative log-likelihood of the targets in nats, unsmoothed and without auxiliary losses."""
    num_tokens: int
    statistics: dict[str, Tensor] = field(default_factory=dict)
    """The model's."""


def sequence_loss(output: Output, batch: Batch, label_smoothing: float = 0.0, counts: Counts | None = None) -> LossSum:
    """Cross-entropy of token targets, computed without ever holding all logits; `counts`: of the whole update."""
    is_real = batch.targets != PAD
    hidden, targets = output.hidden[is_real], batch.targets[is_real]
    weight = output.head.weight
    assert isinstance(weight, Tensor)
    copying = () if output.copies is None else tuple(each[is_real] for each in output.copies.log_probs(batch.targets))
    if isinstance(output.head, Distribution):
        total, nll = _own_likelihood(output.head, hidden, targets, label_smoothing)
    elif torch.is_grad_enabled():
        total, nll = ChunkedCrossEntropy.apply(hidden, weight, targets, label_smoothing, *copying)
    else:
        total, nll = exact_cross_entropy(hidden, weight, targets, label_smoothing, *copying)
    whole = counts or batch.counts
    for aux in output.aux_losses.values():
        total = total + aux.total * (whole.targets / max(1, getattr(whole, aux.unit)))
    return LossSum(total, nll, len(targets), output.statistics)


def _own_likelihood(
    head: Distribution, hidden: Tensor, targets: Tensor, label_smoothing: float
) -> tuple[Tensor, Tensor]:
    if label_smoothing:
        raise ValueError(
            f"`train.label_smoothing` must be 0 for a {type(head).__name__}, but is {label_smoothing}. Set it to 0."
        )
    total = -head.log_probs(hidden, targets).sum()
    return total, total.detach()


def exact_cross_entropy(
    hidden: Float[Tensor, "tokens d_model"],
    weight: Float[Tensor, "vocab d_model"],
    targets: Int[Tensor, " tokens"],
    label_smoothing: float,
    log_written: Float[Tensor, " tokens"] | None = None,
    log_copied: Float[Tensor, " tokens"] | None = None,
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """The sums of smoothed and of plain cross-entropy, log-softmax at full precision: what a score is made of.

    Of a model that copies (`Copies.log_probs`) the head alone is smoothed.
    """
    nll = hidden.new_zeros((), dtype=torch.float32)
    smooth = nll.clone()
    size = CHUNK.get(hidden.device.type, 512)
    for start in range(0, len(hidden), size):
        chunk = slice(start, start + size)
        log_probs = F.linear(hidden[chunk], weight.to(hidden.dtype)).float().log_softmax(-1)
        gained = log_probs.gather(1, targets[chunk, None])[:, 0]
        if log_written is not None and log_copied is not None:
            gained = torch.logaddexp(log_written[chunk] + gained, log_copied[chunk])
        nll -= gained.sum()
        smooth -= log_probs.mean(-1).sum()
    return (1 - label_smoothing) * nll + label_smoothing * smooth, nll


def position_losses(output: Output, batch: Batch) -> Float[Tensor, "batch target_len"]:
    """The negative log-likelihood of every target in nats, 0 on padding; log-softmax at full precision."""
    is_real = batch.targets != PAD
    hidden, targets, weight = output.hidden[is_real], batch.targets[is_real], output.head.weight
    assert isinstance(weight, Tensor)
    size, losses = CHUNK.get(hidden.device.type, 512), []
    for start in range(0, len(hidden), size):
        logits = F.linear(hidden[start : start + size], weight.to(hidden.dtype)).float()
        losses.append(F.cross_entropy(logits, targets[start : start + size], reduction="none"))
    found = torch.zeros(batch.targets.shape, device=hidden.device)
    found[is_real] = torch.cat(losses)
    if output.copies is not None:
        log_written, log_copied = output.copies.log_probs(batch.targets)
        found = -torch.logaddexp(log_written - found, log_copied) * is_real
    return found


class ChunkedCrossEntropy(torch.autograd.Function):
    """Projection and smoothed cross-entropy in one pass that already computes the gradients.

    With p = softmax(hWᵀ), the gradient of the logits is p − ε/V − (1−ε)·onehot. Only p is ever a matrix of
    `[chunk, vocab]`: the other two terms are one entry a row and a constant, and are applied to the small results.

    Where a target is written with probability w·p or copied with c, the share of the loss that is the head's to mend
    is s = w·p / (w·p + c): its p − onehot is scaled by it, and log w and log c have the gradients −s and s − 1.
    """

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, label_smoothing: float, *copying: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Sums of the smoothed and the plain cross-entropy; shapes as in `exact_cross_entropy`.

        `copying`: `log_written` and `log_copied`, in models that copy.
        """
        exact = torch.promote_types(hidden.dtype, torch.float32)
        d_hidden = torch.empty_like(hidden)
        d_weight = torch.zeros(weight.shape, dtype=weight.dtype, device=weight.device)
        weight = weight.to(hidden.dtype)
        nll = torch.zeros((), dtype=exact, device=hidden.device)
        log_normaliser = nll.clone()
        size, is_cpu = CHUNK.get(hidden.device.type, 512), hidden.device.type == "cpu"
        shares = torch.empty_like(copying[0]) if copying else None
        for start in range(0, len(hidden), size):
            rows, gold = hidden[start : start + size], targets[start : start + size, None]
            chosen = torch.linalg.vecdot(rows.to(exact), weight[gold[:, 0]].to(exact))
            logits = rows @ weight.t()
            probabilities = logits.softmax(-1)
            likelihood = probabilities.gather(1, gold)[:, 0].to(exact)
            loss = -likelihood.log()
            # Underflow: these rows need the logarithm taken before the exponential. (A GPU is not waited for to ask.)
            if not is_cpu or not bool((likelihood > 0).all()):
                loss = logits.to(exact).logsumexp(-1) - chosen
            log_normaliser += (loss + chosen).sum()
            added: Tensor | float = label_smoothing - 1
            if shares is not None:
                written, copied = (each[start : start + size] for each in copying)
                written = written - loss
                loss = -torch.logaddexp(written, copied)
                shares[start : start + size] = share = (written + loss).exp()
                added = (added * share).to(probabilities.dtype)
                probabilities *= (label_smoothing - added)[:, None]
            nll += loss.sum()
            # Not scatter_add_: in bf16 on the CPU it copies the whole matrix.
            probabilities[torch.arange(len(rows), device=rows.device), gold[:, 0]] += added
            d_hidden[start : start + size] = probabilities @ weight
            d_weight += probabilities.t() @ rows
        uniform = label_smoothing / len(weight)
        sum_weight, sum_hidden = weight.sum(0, dtype=exact), hidden.sum(0, dtype=exact)
        d_hidden -= (uniform * sum_weight).to(d_hidden.dtype)
        d_weight -= uniform * sum_hidden
        ctx.save_for_backward(d_hidden, d_weight, *(() if shares is None else (shares,)))
        ctx.kept = 1 - label_smoothing
        ctx.mark_non_differentiable(nll)
        smooth = label_smoothing * log_normaliser - uniform * (sum_hidden @ sum_weight)
        return (1 - label_smoothing) * nll + smooth, nll

    @staticmethod
    def backward(ctx: Any, d_total: Tensor, d_nll: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        """Scale what the forward pass has computed."""
        d_hidden, d_weight, *shares = ctx.saved_tensors
        of_copying = [ctx.kept * d_total * each for share in shares for each in (-share, share - 1)]
        return d_hidden * d_total.to(d_hidden.dtype), d_weight * d_total, None, None, *of_copying
