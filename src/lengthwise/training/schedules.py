"""Learning-rate schedules: pure functions from the step, counted from 1, to the factor of the learning rate."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lengthwise.training.config import ScheduleConfig

PLATEAU_WINDOW, PLATEAU_PATIENCE, PLATEAU_DECAY, PLATEAU_FLOOR = 200, 2, 0.7, 1 / 60
"""Steps of a window, windows without a lower loss that lower the rate, by what factor, and to what share at least."""


def factor(config: ScheduleConfig, step: int, total_steps: int | None) -> float:
    """What the learning rate of a step is multiplied with; while the total is unknown, it only warms up."""
    assert step >= 1, "steps are counted from 1"
    if config.name == "noam":
        return noam(step, config.warmup_steps)
    if config.name == "inverse_sqrt":
        return inverse_sqrt(step, config.warmup_steps)
    warmup_steps = config.warmup_steps if total_steps is None else min(config.warmup_steps, total_steps // 4)
    if config.name in ("constant", "plateau") or total_steps is None or step < warmup_steps:
        return constant(step, warmup_steps)
    if config.name == "wsd":
        shape = wsd(step, warmup_steps, total_steps, config.decay_share)
    else:
        shape = (cosine if config.name == "cosine" else linear)(step, warmup_steps, total_steps)
    return config.final_factor + (1 - config.final_factor) * shape


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


def wsd(step: int, warmup_steps: int, total_steps: int, decay_share: float) -> float:
    """A linear rise to 1, which stays until a linear fall over the last share of the steps (Hu et al. 2024)."""
    num_decaying = max(1, round(decay_share * total_steps))
    return min(constant(step, warmup_steps), (total_steps + 1 - step) / (num_decaying + 1))


def _left(step: int, warmup_steps: int, total_steps: int) -> float:
    """Share of the fall that lies ahead: 1 at the end of the warm-up, just above 0 at the last step."""
    peak = max(1, warmup_steps)
    return min(1.0, max(0.0, (total_steps + 1 - step) / max(1, total_steps + 1 - peak)))


@dataclass(frozen=True, kw_only=True)
class Plateau:
    """The course of a learning rate that falls when the loss does not (Freivalds and Liepins 2017)."""

    factor: float = 1.0
    previous: tuple[float, ...] = ()
    """Mean losses of the windows since the factor was last lowered."""
    total: float = 0.0
    num_steps: int = 0

    @classmethod
    def of(cls, saved: Mapping[str, Any]) -> "Plateau":
        """What `dataclasses.asdict` made JSON of."""
        return cls(**{**saved, "previous": tuple(saved.get("previous", ()))})

    def after(self, nll: float) -> "Plateau":
        """The course after one more step with this loss."""
        now = replace(self, total=self.total + nll, num_steps=self.num_steps + 1)
        if now.num_steps < PLATEAU_WINDOW:
            return now
        losses = (*self.previous, now.total / now.num_steps)
        if len(losses) > PLATEAU_PATIENCE and min(losses[-PLATEAU_PATIENCE:]) >= min(losses[:-PLATEAU_PATIENCE]):
            return Plateau(factor=max(PLATEAU_FLOOR, self.factor * PLATEAU_DECAY))
        return Plateau(factor=self.factor, previous=losses)
