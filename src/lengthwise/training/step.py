"""One update: gradients over several batches, divided by their exact token count, checked, clipped, applied."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

import torch
from torch import Tensor, nn

from lengthwise.contracts import Batch, Counts
from lengthwise.parallel.spread import gradients_summed
from lengthwise.parallel.tensors import whole
from lengthwise.runtime import Runtime
from lengthwise.training.optimizers import Optimizer
from lengthwise.world import World


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
    statistics: Sequence[Mapping[str, float | int]] = ()
    """The model's, of each batch or part of one."""


def train_step(
    module: nn.Module,
    batches: Iterable[Batch],
    optimizer: Optimizer,
    runtime: Runtime,
    clip_norm: float,
    step: int,
) -> StepReport:
    """Update the model once from the batches of all processes, exactly as if they were one batch.

    `module` is an `Objective`, spread or not; each process gives equally many batches, its own. Raises NotFinite in all
    of them, with parameters and optimizer untouched, where the loss or a gradient of one is not finite.
    """
    optimizer.zero_grad()
    mine, world = list(batches), runtime.world
    counts, num_tokens, num_positions = _counted(mine, world)
    total = nll = 0.0
    seen = []
    for number, batch in enumerate(mine, start=1):
        with gradients_summed(module, is_last=number == len(mine)):
            with runtime.autocast():
                batch_total, batch_nll, statistics = module(batch.to(runtime.device), counts)
            batch_total.backward()
        total += batch_total.item()
        nll += batch_nll.item()
        seen.append({name: tensor.item() for name, tensor in statistics.items()})
    total, nll, num_seen = world.sum([total, nll, any(seen)])
    # Sums are differentiated and divided at the end: the count of all batches is exact however uneven they are.
    count = max(1, counts.targets)
    with world.speaking_as_one():
        norm = _normalize(optimizer.parameters.values(), count, clip_norm, total, step)
    optimizer.step()
    return StepReport(
        loss=total / count,
        nll=nll / count,
        gradient_norm=norm,
        num_target_tokens=counts.targets,
        num_tokens=num_tokens,
        num_positions=num_positions,
        # A process without a row of its own may have seen nothing.
        statistics=[each for some in world.gather(seen) for each in some if each] if num_seen else [],
    )


def _counted(batches: list[Batch], world: World) -> tuple[Counts, int, int]:
    """What all processes' batches hold together: counts, real positions and all positions."""
    own = [(*astuple(batch.counts), batch.num_tokens, batch.num_positions) for batch in batches]
    sums = map(int, world.sum([sum(column) for column in zip(*own, strict=True)]))
    targets, inputs, sequences, num_tokens, num_positions = sums
    return Counts(targets=targets, inputs=inputs, sequences=sequences), num_tokens, num_positions


@torch.no_grad()
def _normalize(parameters: Iterable[nn.Parameter], count: int, clip_norm: float, total: float, step: int) -> float:
    """Divide the gradients by the count and clip them, in one pass; returns the norm before clipping."""
    gradients: list[Tensor] = [p.grad for p in parameters if p.grad is not None]
    norm = whole(torch.nn.utils.get_total_norm(gradients)).item() / count
    for what, value in (("loss", total / count), ("gradient norm", norm)):
        if not abs(value) < float("inf"):
            raise NotFinite(
                f"The {what} must be finite, but is {value} at step {step}; nothing was updated and saved checkpoints "
                "are kept. Lower `train.optimizer.learning_rate` or lengthen `train.schedule.warmup_steps`."
            )
    factor = min(1.0, clip_norm / (norm + 1e-6)) if clip_norm else 1.0
    torch._foreach_mul_(gradients, factor / count)
    return norm
