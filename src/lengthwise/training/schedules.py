"""Learning-rate schedules: pure functions from the step, counted from 1, to the factor of the learning rate."""

import math

from lengthwise.training.config import ScheduleConfig


def factor(config: ScheduleConfig, step: int, total_steps: int | None) -> float:
    """What the learning rate of a step is multiplied with; while the total is unknown, it only warms up."""
    assert step >= 1, "steps are counted from 1"
    if config.name == "noam":
        return noam(step, config.warmup_steps)
    if config.name == "inverse_sqrt":
        return inverse_sqrt(step, config.warmup_steps)
    warmup_steps = config.warmup_steps if total_steps is None else min(config.warmup_steps, total_steps // 4)
    if config.name == "constant" or total_steps is None or step < warmup_steps:
        return constant(step, warmup_steps)
    shape = cosine if config.name == "cosine" else linear
    return config.final_factor + (1 - config.final_factor) * shape(step, warmup_steps, total_steps)


def noam(step: int, warmup_steps: int) -> float:
    """`min(step^-1/2, step * warmup^-3/2)`: Vaswani et al. 2017, eq. 3, whose `d_model^-1/2` is the learning rate."""
    return min(step**-0.5, step * max(1, warmup_steps) ** -1.5)


def inverse_sqrt(step: int, warmup_steps: int) -> float:
    """The shape of `noam` with its peak at 1."""
    return noam(step, warmup_steps) * max(1, warmup_steps) ** 0.5


def constant(step: int, warmup_steps: int) -> float:
    """A linear rise to 1, which stays."""
    return min(1.0, step / max(1, warmup_steps))


def linear(step: int, warmup_steps: int, total_steps: int) -> float:
    """A linear rise to 1, then a linear fall; the step after the last would be 0."""
    return min(constant(step, warmup_steps), _left(step, warmup_steps, total_steps))


def cosine(step: int, warmup_steps: int, total_steps: int) -> float:
    """A linear rise to 1, then half a cosine; the step after the last would be 0."""
    left = _left(step, warmup_steps, total_steps)
    return min(constant(step, warmup_steps), 0.5 - 0.5 * math.cos(math.pi * left))


def _left(step: int, warmup_steps: int, total_steps: int) -> float:
    """Share of the fall that lies ahead: 1 at the end of the warm-up, just above 0 at the last step."""
    peak = max(1, warmup_steps)
    return min(1.0, max(0.0, (total_steps + 1 - step) / max(1, total_steps + 1 - peak)))
