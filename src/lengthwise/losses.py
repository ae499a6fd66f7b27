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
    if isinstance(output.head, Distribution):
        total, nll = _own_likelihood(output.head, hidden, targets, label_smoothing)
    elif torch.is_grad_enabled():
        total, nll = ChunkedCrossEntropy.apply(hidden, weight, targets, label_smoothing)
    else:
        total, nll = exact_cross_entropy(hidden, weight, targets, label_smoothing)
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
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """The sums of smoothed and of plain cross-entropy, log-softmax at full precision: what a score is made of."""
    total = hidden.new_zeros((), dtype=torch.float32)
    nll = total.clone()
    size = CHUNK.get(hidden.device.type, 512)
    for start in range(0, len(hidden), size):
        logits = F.linear(hidden[start : start + size], weight.to(hidden.dtype)).float()
        chunk = targets[start : start + size]
        nll += F.cross_entropy(logits, chunk, reduction="sum")
        total += F.cross_entropy(logits, chunk, reduction="sum", label_smoothing=label_smoothing)
    return total, nll


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
    return found


class ChunkedCrossEntropy(torch.autograd.Function):
    """Projection and smoothed cross-entropy in one pass that already computes the gradients.

    With p = softmax(hWᵀ), the gradient of the logits is p − ε/V − (1−ε)·onehot. Only p is ever a matrix of
    `[chunk, vocab]`: the other two terms are one entry a row and a constant, and are applied to the small results.
    """

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, label_smoothing: float
    ) -> tuple[Tensor, Tensor]:
        """Sums of the smoothed and the plain cross-entropy; shapes as in `exact_cross_entropy`."""
        exact = torch.promote_types(hidden.dtype, torch.float32)
        d_hidden = torch.empty_like(hidden)
        d_weight = torch.zeros(weight.shape, dtype=weight.dtype, device=weight.device)
        weight = weight.to(hidden.dtype)
        nll = torch.zeros((), dtype=exact, device=hidden.device)
        log_normaliser = nll.clone()
        size, is_cpu = CHUNK.get(hidden.device.type, 512), hidden.device.type == "cpu"
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
            nll += loss.sum()
            log_normaliser += (loss + chosen).sum()
            # Not scatter_add_: in bf16 on the CPU it copies the whole matrix.
            probabilities[torch.arange(len(rows), device=rows.device), gold[:, 0]] += label_smoothing - 1
            d_hidden[start : start + size] = probabilities @ weight
            d_weight += probabilities.t() @ rows
        uniform = label_smoothing / len(weight)
        sum_weight, sum_hidden = weight.sum(0, dtype=exact), hidden.sum(0, dtype=exact)
        d_hidden -= (uniform * sum_weight).to(d_hidden.dtype)
        d_weight -= uniform * sum_hidden
        ctx.save_for_backward(d_hidden, d_weight)
        ctx.mark_non_differentiable(nll)
        smooth = label_smoothing * log_normaliser - uniform * (sum_hidden @ sum_weight)
        return (1 - label_smoothing) * nll + smooth, nll

    @staticmethod
    def backward(ctx: Any, d_total: Tensor, d_nll: Tensor) -> tuple[Tensor, Tensor, None, None]:  # type: ignore[override]
        """Scale what the forward pass has computed."""
        d_hidden, d_weight = ctx.saved_tensors
        return d_hidden * d_total.to(d_hidden.dtype), d_weight * d_total, None, None
