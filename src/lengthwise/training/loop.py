"""The loop: updates, validation and checkpoints, resumed bit by bit wherever it was broken off."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch

from lengthwise.contracts import Batch, Model
from lengthwise.runtime import Runtime
from lengthwise.training import schedules
from lengthwise.training.budget import Budget
from lengthwise.training.checkpoint import Progress, TrainingState
from lengthwise.training.config import TrainConfig
from lengthwise.training.directory import RunDirectory
from lengthwise.training.logs import Logs
from lengthwise.training.optimizers import Optimizer
from lengthwise.training.signals import Interrupted, Signals
from lengthwise.training.starts import spent_on_starts
from lengthwise.training.step import Loss, train_step

Batches = Callable[[int], Batch]
"""Global index of a batch, from 0, to the batch: a pure function, so that resuming is a cursor."""
Evaluate = Callable[[Model, int], dict[str, float]]
"""Model and step to figures; `score` is the one that chooses the best checkpoint: higher is better."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where training ended and why."""

    progress: Progress
    reason: Literal["finished", "stopped early", "interrupted"]


def train(
    model: Model,
    batches: Batches,
    config: TrainConfig,
    runtime: Runtime,
    directory: RunDirectory,
    *,
    loss: Loss,
    evaluate: Evaluate | None = None,
    logs: Logs | None = None,
) -> Outcome:
    """Train the model on `runtime.device` until its budget is spent, resuming from the newest good checkpoint.

    The caller has seeded the generators. SIGINT and SIGTERM end it after the step, with a checkpoint. Raises
    TrainingError (NaN, full disk, locked directory); what is saved stays.
    """
    with directory.lock(), Signals() as signals, logs or Logs(directory) as logs:
        run = _Run(model, config, runtime, directory, evaluate, logs, signals)
        while True:
            if run.is_validation_due():
                run.validate()
            if run.is_save_due():
                run.save()
            if run.is_finished() or signals.received:
                return run.finish()
            run.update(batches, loss)


class _Run:
    """A run in progress: what the loop asks and does."""

    def __init__(
        self,
        model: Model,
        config: TrainConfig,
        runtime: Runtime,
        directory: RunDirectory,
        evaluate: Evaluate | None,
        logs: Logs,
        signals: Signals,
    ) -> None:
        self.model, self.config, self.runtime = model, config, runtime
        self.directory, self.evaluate, self.logs, self.signals = directory, evaluate, logs, signals
        self.state = TrainingState(model, Optimizer(model, config.optimizer))
        self.progress = directory.resume(self.state, logs.say)
        if self.progress.step == 0:
            self.progress = replace(self.progress, cpu_seconds=spent_on_starts(directory.path))
        self.saved_step = self.progress.step
        self.budget = Budget(config, directory)
        self.is_just_resolved = False
        logs.cut(self.progress.step)
        model.train()

    def is_finished(self) -> bool:
        total = self.budget.total_steps
        return self.is_stopped_early() or (total is not None and self.progress.step >= total)

    def is_stopped_early(self) -> bool:
        return 0 < self.config.early_stopping <= self.progress.num_validations_since_best

    def is_validation_due(self) -> bool:
        step, every = self.progress.step, self.config.validate_every
        if self.evaluate is None or not every or step in (0, self.progress.validated_step):
            return False
        return step % every == 0 or self.is_finished()

    def is_save_due(self) -> bool:
        step, every = self.progress.step, self.config.save_every
        if step == self.saved_step:
            return False
        is_wanted = self.is_finished() or self.signals.received or self.is_just_resolved
        return bool(is_wanted or step == self.progress.best_step or (every and step % every == 0))

    def update(self, batches: Batches, loss: Loss) -> None:
        """One step: data, gradients, parameters, figures."""
        start, cpu_start = time.perf_counter(), time.process_time()
        step = self.progress.step + 1
        factor = schedules.factor(self.config.schedule, step, self.budget.schedule_steps(step))
        if self.config.schedule.name == "plateau":
            factor *= self.progress.plateau.factor
        self.state.optimizer.set_factor(factor)
        first = (step - 1) * self.config.accumulate
        chosen = (batches(first + index) for index in range(self.config.accumulate))
        report = train_step(
            self.model, chosen, loss, self.state.optimizer, self.runtime, clip_norm=self.config.clip_norm, step=step
        )
        self.model.after_step(report.nll, self.state.optimizer.learning_rate)
        duration = time.perf_counter() - start
        self.progress = replace(
            self.progress,
            step=step,
            seconds=self.progress.seconds + duration,
            cpu_seconds=self.progress.cpu_seconds + time.process_time() - cpu_start,
            window_loss=self.progress.window_loss + report.loss,
            window_steps=self.progress.window_steps + 1,
            plateau=self.progress.plateau.after(report.nll),
        )
        self.is_just_resolved = self.budget.resolve(self.progress, duration)
        self.progress = replace(self.progress, total_steps=self.budget.total_steps)
        self.logs.step(step, self.budget.total_steps, report, duration)
        if step % self.config.log_every == 0 or self.is_finished():
            self._log({"nll": report.nll, "gradient_norm": report.gradient_norm})

    def _log(self, row: dict[str, float]) -> None:
        progress = self.progress
        full = {"loss": progress.window_loss / progress.window_steps, **row}
        full |= {"learning_rate": self.state.optimizer.learning_rate, "seconds": round(progress.seconds, 3)}
        self.logs.row(progress.step, self.budget.total_steps, full)
        self.progress = replace(progress, window_loss=0.0, window_steps=0)

    def validate(self) -> None:
        """Evaluate with random numbers of its own; a signal puts it off until the run is resumed."""
        try:
            with self.signals.interruptible():
                figures = self._evaluate()
        except Interrupted:
            return
        finally:
            self.model.train()
        score, best, step = figures.get("score"), self.progress.best_score, self.progress.step
        # Of equal scores the newest is best: what is perfect on validation's lengths can still learn to go further.
        is_best = score is not None and not math.isnan(score) and (best is None or score >= best)
        since = 0 if is_best and score != best else self.progress.num_validations_since_best + (score is not None)
        self.progress = replace(self.progress, validated_step=step, num_validations_since_best=since)
        if is_best:
            self.progress = replace(self.progress, best_step=step, best_score=score)
        self.logs.validation(step, figures, "  (best)" if is_best else "")
        if step == self.saved_step:
            self.directory.point_at_best(self.progress)

    def _evaluate(self) -> dict[str, float]:
        assert self.evaluate is not None
        self.model.eval()
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())), torch.no_grad():
            return self.evaluate(self.model, self.progress.step)

    def save(self) -> None:
        """Save a checkpoint of this step."""
        self.logs.flush()
        self.directory.save(self.state, self.progress, max(self.config.keep_last, self.config.average_last))
        self.saved_step = self.progress.step

    def finish(self) -> Outcome:
        """Say how it ended; average the last checkpoints where that is wanted."""
        step = self.progress.step
        minutes, cpu_minutes = self.progress.seconds / 60, self.progress.cpu_seconds / 60
        if not self.is_finished():
            assert self.signals.received is not None
            saved = f"saved {self.directory.place(step).name}" if step else "nothing to save yet"
            self.logs.say(
                f"Stopped by {self.signals.received.name} after step {step}; {saved}. The same command resumes."
            )
            return Outcome(progress=self.progress, reason="interrupted")
        if self.config.average_last > 1 and not self.directory.is_averaged(step):
            self._average()
        reason = "stopped early" if self.is_stopped_early() else "finished"
        taken = f"{minutes:.1f} minutes of steps ({cpu_minutes:.1f} CPU-minutes over all threads)"
        self.logs.say(f"Training {reason} at step {step} after {taken}.")
        return Outcome(progress=self.progress, reason=reason)

    def _average(self) -> None:
        sources = self.directory.saved()[-self.config.average_last :]
        last = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
        self.model.load_state_dict(self.directory.save_average(sources, self.progress))
        if self.evaluate is not None:
            figures = self._evaluate()
            score, best = figures.get("score"), self.progress.best_score
            is_best = score is not None and (best is None or score > best)
            self.logs.validation(self.progress.step, figures, f"  (average of {len(sources)}{', best' * is_best})")
            if score is not None and is_best:
                self.directory.point_at_average(self.progress.step, score)
        self.model.load_state_dict(last)
        self.model.train()
