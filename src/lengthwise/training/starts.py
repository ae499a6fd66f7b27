"""The best of several starts: what some models learn depends on the weights they begin with more than on all else."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from lengthwise import runtime as machine
from lengthwise.contracts import Batch, Model
from lengthwise.runtime import Runtime
from lengthwise.training import schedules
from lengthwise.training.config import TrainConfig
from lengthwise.training.optimizers import Optimizer
from lengthwise.training.step import Loss, train_step

FILE = "starts.json"
JUDGED = 0.25
"""The last part of a start's steps, whose mean loss counts."""


@dataclass(frozen=True, kw_only=True)
class Starts:
    """What was found."""

    losses: list[float]
    """Of each start: nats per target token."""
    cpu_seconds: float
    """Spent on all of them, over all threads."""

    @property
    def best(self) -> int:
        """The start with the lowest loss."""
        return int(np.argmin(self.losses))


def seed_of(seed: int, start: int) -> int:
    """The seed of a start's weights and dropout; the first start has the run's own."""
    return seed if start == 0 else int(np.random.SeedSequence([seed, start]).generate_state(1)[0])


def chosen_start(
    directory: Path,
    seed: int,
    build: Callable[[], tuple[Model, Callable[[int], Batch]]],
    config: TrainConfig,
    runtime: Runtime,
    loss: Loss,
    report: Callable[[str, int, int], None] | None = None,
) -> Starts:
    """Train every start for `config.start_steps` and forget them; the choice is kept in the directory for a resume.

    `build` makes a model and its batches. The best start is then trained from its beginning, as if it were the only
    one: a run is the same whichever starts it was chosen from. `report` hears of every loss.
    """
    path = directory / FILE
    if path.is_file():
        return Starts(**json.loads(path.read_text(encoding="utf-8")))
    began, losses = time.process_time(), list[float]()
    for start in range(config.starts):
        machine.seed_everything(seed_of(seed, start))
        losses.append(_loss_after(*build(), config, runtime, loss))
        if report is not None:
            report(f"start {start + 1}: loss {losses[-1]:.3g}", start + 1, config.starts)
    found = Starts(losses=losses, cpu_seconds=time.process_time() - began)
    path.write_text(json.dumps(asdict(found)) + "\n", encoding="utf-8")
    return found


def spent_on_starts(directory: Path) -> float:
    """CPU-seconds that choosing a start took in this directory; 0 where there was only one."""
    path = directory / FILE
    return json.loads(path.read_text(encoding="utf-8"))["cpu_seconds"] if path.is_file() else 0.0


def _loss_after(
    model: Model, batches: Callable[[int], Batch], config: TrainConfig, runtime: Runtime, loss: Loss
) -> float:
    optimizer, losses = Optimizer(model, config.optimizer), list[float]()
    model.train()
    for step in range(1, config.start_steps + 1):
        optimizer.set_factor(schedules.factor(config.schedule, step, config.steps))
        first = (step - 1) * config.accumulate
        chosen = (batches(first + index) for index in range(config.accumulate))
        report = train_step(model, chosen, loss, optimizer, runtime, clip_norm=config.clip_norm, step=step)
        model.after_step(report.nll, optimizer.learning_rate)
        losses.append(report.nll)
    return float(np.mean(losses[-max(1, int(JUDGED * len(losses))) :]))
