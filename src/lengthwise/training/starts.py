"""The best of several starts: what some models learn depends on the weights they begin with more than on all else."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lengthwise import runtime as machine
from lengthwise.contracts import PAD, Batch, Model
from lengthwise.runtime import Runtime
from lengthwise.training import schedules, tensor_file
from lengthwise.training.config import TrainConfig
from lengthwise.training.objective import Loss, Objective
from lengthwise.training.optimizers import Optimizer
from lengthwise.training.step import train_step
from lengthwise.world import WHOLE, Share

FILE, WEIGHTS = "starts.json", "start.safetensors"


@dataclass(frozen=True, kw_only=True)
class Starts:
    """What was found."""

    losses: list[float]
    """Of each start on validation rows: nats per target token."""
    cpu_seconds: float
    """Spent on all of them, over all threads."""


def best_start(
    directory: Path,
    seed: int,
    build: Callable[[], tuple[Model, Callable[[int, Share], Batch]]],
    judge: Callable[[Model], float],
    config: TrainConfig,
    runtime: Runtime,
    loss: Loss,
    report: Callable[[str, int, int], None] | None = None,
) -> dict[str, Tensor]:
    """Train every start for `config.start_steps`; the weights of the one that `judge` gives the lowest loss.

    `build` makes a model and its batches, of which a start takes what `lightened` leaves. The best weights are kept in
    the directory, so that a resume finds them. `report` hears of every loss.
    """
    if not (directory / FILE).is_file():
        directory.mkdir(parents=True, exist_ok=True)
        began, losses = time.process_time(), list[float]()
        for start in range(config.starts):
            machine.seed_everything(seed_of(seed, start))
            model = _started(*build(), config, runtime, loss)
            losses.append(judge(model))
            if report is not None:
                report(f"start {start + 1}: loss {losses[-1]:.3g}", start + 1, config.starts)
            if losses[-1] == min(losses):
                tensor_file.write(directory / WEIGHTS, dict(model.state_dict()))
        found = Starts(losses=losses, cpu_seconds=time.process_time() - began)
        (directory / FILE).write_text(json.dumps(asdict(found)) + "\n", encoding="utf-8")
    return tensor_file.read(directory / WEIGHTS)


def seed_of(seed: int, start: int) -> int:
    """The seed of a start's weights and dropout; the first start has the run's own."""
    return seed if start == 0 else int(np.random.SeedSequence([seed, start]).generate_state(1)[0])


def spent_on_starts(directory: Path) -> float:
    """CPU-seconds that choosing a start took in this directory; 0 where there was only one."""
    path = directory / FILE
    return json.loads(path.read_text(encoding="utf-8"))["cpu_seconds"] if path.is_file() else 0.0


def lightened(batch: Batch, share: float, length: int) -> Batch:
    """This share of the rows of at most `length` target tokens (0: of all), evenly chosen; at least one row."""
    num_tokens = (batch.targets != PAD).sum(1)
    fitting = torch.arange(len(num_tokens)) if length == 0 else (num_tokens <= length).nonzero()[:, 0]
    if not len(fitting):
        fitting = num_tokens.argmin()[None]
    rows = fitting[torch.linspace(0, len(fitting) - 1, max(1, round(share * len(fitting)))).long()]
    return batch.taken(rows)


def _started(
    model: Model, batches: Callable[[int, Share], Batch], config: TrainConfig, runtime: Runtime, loss: Loss
) -> Model:
    optimizer, objective = Optimizer(model, config.optimizer), Objective(model, loss)
    model.train()
    for step in range(1, config.start_steps + 1):
        optimizer.set_factor(schedules.factor(config.schedule, step, config.steps))
        batch = lightened(batches(step - 1, WHOLE), config.start_share, config.start_length)
        report = train_step(objective, [batch], optimizer, runtime, clip_norm=config.clip_norm, step=step)
        model.after_step(report.nll, optimizer.learning_rate, report.statistics)
    return model
