"""One update: gradients over several batches, divided by their exact token count, checked, clipped, applied."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lengthwise.contracts import Batch, Model
from lengthwise.runtime import Runtime
from lengthwise.training.optimizers import Optimizer

Loss = Callable[[Model, Batch], Any]
"""Model and batch to `losses.LossSum`: `total` and `nll` summed over real target tokens, and `num_tokens`."""


class TrainingError(ValueError):
    """Training cannot go on; the message is one line and says what to do."""


class NotFinite(TrainingError):
    """The loss or the gradient was NaN or infinite; the parameters are those before the step."""


@dataclass(frozen=True, kw_only=True)
class StepReport:
    """What one update was made of."""

    loss: float
    """Per target token, with label smoothing and the model's own losses."""
    nll: float
    """Negative log-likelihood per target token, in nats."""
    gradient_norm: float
    """Of all parameters together, before clipping."""
    num_target_tokens: int
    num_tokens: int
    """Real positions of both sides."""
    num_positions: int
    """Positions of both sides with the padding."""


def train_step(
    model: Model,
    batches: Iterable[Batch],
    loss: Loss,
    optimizer: Optimizer,
    runtime: Runtime,
    clip_norm: float,
    step: int,
) -> StepReport:
    """Update the model once from the batches, exactly as if they were one batch.

    Raises NotFinite, with parameters and optimizer untouched, where the loss or a gradient is not finite.
    """
    optimizer.zero_grad()
    total = nll = 0.0
    num_target_tokens = num_tokens = num_positions = 0
    for batch in batches:
        num_tokens += batch.num_tokens
        num_positions += batch.targets.numel() + (0 if batch.inputs is None else batch.inputs.numel())
        batch = batch.to(runtime.device)
        with runtime.autocast():
            summed = loss(model, batch)
        # Sums are differentiated and divided at the end: the count of all batches is exact however uneven they are.
        summed.total.backward()
        total += summed.total.item()
        nll += summed.nll.item()
        num_target_tokens += summed.num_tokens
    count = max(1, num_target_tokens)
    norm = _normalize(optimizer.parameters.values(), count, clip_norm, total, step)
    optimizer.step()
    return StepReport(
        loss=total / count,
        nll=nll / count,
        gradient_norm=norm,
        num_target_tokens=num_target_tokens,
        num_tokens=num_tokens,
        num_positions=num_positions,
    )


@torch.no_grad()
def _normalize(parameters: Iterable[nn.Parameter], count: int, clip_norm: float, total: float, step: int) -> float:
    """Divide the gradients by the count and clip them, in one pass; returns the norm before clipping."""
    gradients: list[Tensor] = [p.grad for p in parameters if p.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients).item() / count
    for what, value in (("loss", total / count), ("gradient norm", norm)):
        if not abs(value) < float("inf"):
            raise NotFinite(
                f"The {what} must be finite, but is {value} at step {step}; nothing was updated and saved checkpoints "
                "are kept. Lower `train.optimizer.learning_rate` or lengthen `train.schedule.warmup_steps`."
            )
    factor = min(1.0, clip_norm / (norm + 1e-6)) if clip_norm else 1.0
    torch._foreach_mul_(gradients, factor / count)
    return norm
