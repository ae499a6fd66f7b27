"""The loop: updates, validation and checkpoints, resumed bit by bit wherever it was broken off."""

import math
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass, field, replace
from typing import Literal, cast

import torch
from torch import nn

from lengthwise.contracts import Model
from lengthwise.parallel.config import ParallelConfig
from lengthwise.parallel.replica import Replica
from lengthwise.parallel.spread import shares, spread
from lengthwise.parallel.tensors import is_divided
from lengthwise.runtime import Runtime
from lengthwise.training import schedules
from lengthwise.training.budget import Budget
from lengthwise.training.checkpoint import Progress
from lengthwise.training.config import TrainConfig
from lengthwise.training.directory import RunDirectory
from lengthwise.training.feed import Batches, Feed
from lengthwise.training.logs import Logs
from lengthwise.training.moving_average import MovingAverage
from lengthwise.training.objective import Loss, Objective
from lengthwise.training.optimizers import Optimizer
from lengthwise.training.peak import peak_flops
from lengthwise.training.profiling import Profiler
from lengthwise.training.saving import Saver
from lengthwise.training.signals import Interrupted, Signals
from lengthwise.training.starts import spent_on_starts
from lengthwise.training.state import TrainingState
from lengthwise.training.step import train_step

Evaluate = Callable[[Model, int], dict[str, float]]
"""Model and step to figures; `score` is the one that chooses the best checkpoint: higher is better."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where training ended and why."""

    progress: Progress
    reason: Literal["finished", "stopped early", "interrupted"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is trained, on what, how and where."""

    model: Model
    loss: Loss
    batches: Batches
    config: TrainConfig
    runtime: Runtime
    directory: RunDirectory
    evaluate: Evaluate | None = None
    parallel: ParallelConfig = field(default_factory=ParallelConfig)
    flops_per_position: float = 0.0
    """Of forward and backward pass together; 0 where nobody has counted."""


def train(job: Job, logs: Logs | None = None) -> Outcome:
    """Train the model on `runtime.device` until its budget is spent, resuming from the newest good checkpoint.

    The caller has seeded the generators; all processes of the world call it alike. SIGINT and SIGTERM end it after the
    step, with a checkpoint. Raises TrainingError (NaN, full disk, locked directory); what is saved stays.
    """
    world = job.runtime.world
    with (
        job.directory.lock(world),
        Signals() as signals,
        logs or _logs(job) as logs,
        Saver(world) as saver,
        ExitStack() as stack,
    ):
        run = stack.enter_context(closing(_Run(job, logs, signals, saver)))
        while True:
            if run.is_validation_due():
                run.validate()
            if run.is_save_due():
                run.save()
            if run.is_finished() or run.is_interrupted:
                return run.finish()
            run.update()


def _logs(job: Job) -> Logs:
    world = job.runtime.world
    share = job.flops_per_position / (world.size * peak_flops(job.runtime)) if job.flops_per_position else 0.0
    return Logs(job.directory, world, services=job.config.tracking, utilization=share)


class _Run:
    """A run in progress: what the loop asks and does."""

    def __init__(self, job: Job, logs: Logs, signals: Signals, saver: Saver) -> None:
        self.model, self.config, self.directory, self.world = job.model, job.config, job.directory, job.runtime.world
        self.job, self.logs, self.signals, self.saver = job, logs, signals, saver
        self.replica = Replica(job.model)
        self.module = self.world.together(
            lambda: spread(Objective(job.model, job.loss), job.parallel, self.world, job.runtime.device)
        )
        average = MovingAverage(job.model, self.config.average_decay) if self.config.average_decay else None
        optimizer = Optimizer(job.model, self.config.optimizer, self.world)
        self.state = TrainingState(job.model, optimizer, self.world, average)
        self.progress = self._resumed()
        self.saved_step = self.progress.step
        self.budget = Budget(self.config, self.directory, self.world)
        self.is_just_resolved = self.is_interrupted = False
        self.profiler = Profiler(self.directory.profile) if self.config.profile and self.world.is_main else None
        mine, is_gpu = shares(self.world, self.config.accumulate), job.runtime.device.type == "cuda"
        # A model with a curriculum decides on the next batch after this update.
        self.feed = Feed(job.batches, mine, job.runtime.device, is_ahead=is_gpu and job.model.train_length is None)
        logs.cut(self.progress.step)
        job.model.train()

    def _resumed(self) -> Progress:
        found = self.world.from_main(lambda: self.directory.resume(self.logs.say))
        if found is None:
            return Progress(cpu_seconds=spent_on_starts(self.directory.path))
        path, progress = found
        self.world.together(lambda: self.state.restore(path, self.job.runtime.seed, progress.step))
        return progress

    def is_finished(self) -> bool:
        total = self.budget.total_steps
        return self.is_stopped_early() or (total is not None and self.progress.step >= total)

    def is_stopped_early(self) -> bool:
        return 0 < self.config.early_stopping <= self.progress.num_validations_since_best

    def is_validation_due(self) -> bool:
        step, every = self.progress.step, self.config.validate_every
        if self.job.evaluate is None or not every or step in (0, self.progress.validated_step):
            return False
        return step % every == 0 or self.is_finished()

    def is_save_due(self) -> bool:
        step, every = self.progress.step, self.config.save_every
        if step == self.saved_step:
            return False
        is_wanted = self.is_finished() or self.is_interrupted or self.is_just_resolved
        return bool(is_wanted or step == self.progress.best_step or (every and step % every == 0))

    def update(self) -> None:
        """One step: data, gradients, parameters, figures."""
        start, cpu_start = time.perf_counter(), time.process_time()
        step, config = self.progress.step + 1, self.config
        factor = schedules.factor(config.schedule, step, self.budget.schedule_steps(step))
        if config.schedule.name == "plateau":
            factor *= self.progress.plateau.factor
        self.state.optimizer.set_factor(factor)
        batches = self.feed.take((step - 1) * config.accumulate, config.accumulate)
        report = train_step(
            self.module, batches, self.state.optimizer, self.job.runtime, clip_norm=config.clip_norm, step=step
        )
        self.model.after_step(report.nll, self.state.optimizer.learning_rate, report.statistics)
        if self.state.average is not None:
            self.state.average.update(self.model, step)
        seconds, cpu_seconds = self.world.sum([time.perf_counter() - start, time.process_time() - cpu_start])
        duration = seconds / self.world.size
        self.progress = replace(
            self.progress,
            step=step,
            seconds=self.progress.seconds + duration,
            cpu_seconds=self.progress.cpu_seconds + cpu_seconds,
            window_loss=self.progress.window_loss + report.loss,
            window_steps=self.progress.window_steps + 1,
            plateau=self.progress.plateau.after(report.nll),
        )
        self.is_just_resolved = self.budget.resolve(self.progress, duration)
        self.progress = replace(self.progress, total_steps=self.budget.total_steps)
        self.logs.step(step, self.budget.total_steps, report, duration)
        if step % config.log_every == 0 or self.is_finished():
            self._log({"nll": report.nll, "gradient_norm": report.gradient_norm})
        if self.profiler is not None and self.profiler.step():
            self.logs.say(f"Wrote {self.directory.profile}/table.txt and trace.json.")
        self._listen()

    def _listen(self) -> None:
        """Learn, as all processes do at the same step, whether one of them is to stop or could not save."""
        received, failed = self.world.sum([self.signals.received is not None, self.saver.has_failed()])
        self.is_interrupted = received > 0
        if failed:
            self.saver.wait()

    def _log(self, row: dict[str, float]) -> None:
        progress = self.progress
        full = {"loss": progress.window_loss / progress.window_steps, **row}
        full |= {"learning_rate": self.state.optimizer.learning_rate, "seconds": round(progress.seconds, 3)}
        self.logs.row(progress.step, self.budget.total_steps, full)
        self.progress = replace(progress, window_loss=0.0, window_steps=0)

    def validate(self) -> None:
        """Evaluate with random numbers of its own; a signal puts it off until the run is resumed."""
        try:
            # Processes that evaluate together end together.
            with self.signals.interruptible() if self.world.size == 1 else nullcontext():
                figures = self._evaluate(self._shown())
        except Interrupted:
            self.is_interrupted = True
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
        if step == self.saved_step and self.world.is_main:
            self.directory.point_at_best(self.progress)

    def _shown(self) -> nn.Module:
        """A whole model with the weights to evaluate."""
        shown = self.state.shown()
        if shown is None and not is_divided(self.model):
            return self.model
        return self.replica.filled(self.model.state_dict() | (shown or {}), self.model)

    def _evaluate(self, model: nn.Module) -> dict[str, float]:
        assert self.job.evaluate is not None
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())), torch.no_grad():
            return self.job.evaluate(cast(Model, model.eval()), self.progress.step)

    def save(self) -> None:
        """Begin to save a checkpoint of this step."""
        self.logs.flush()
        progress, keep_last = self.progress, max(self.config.keep_last, self.config.average_last)
        place = self.directory.place(progress.step)
        self.saver.begin(place, self.state, progress, lambda: self.directory.keep(progress, keep_last))
        self.saved_step = progress.step

    def close(self) -> None:
        """Make no more batches."""
        self.feed.close()

    def finish(self) -> Outcome:
        """Say how it ended; average the last checkpoints where that is wanted."""
        self.saver.wait()
        step = self.progress.step
        minutes, cpu_minutes = self.progress.seconds / 60, self.progress.cpu_seconds / 60
        if not self.is_finished():
            name = "a signal" if self.signals.received is None else self.signals.received.name
            saved = f"saved {self.directory.place(step).name}" if step else "nothing to save yet"
            self.logs.say(f"Stopped by {name} after step {step}; {saved}. The same command resumes.")
            return Outcome(progress=self.progress, reason="interrupted")
        if self.config.average_last > 1 and not self.world.from_main(lambda: self.directory.is_averaged(step)):
            self._average()
        reason = "stopped early" if self.is_stopped_early() else "finished"
        taken = f"{minutes:.1f} minutes of steps ({cpu_minutes:.1f} CPU-minutes over all threads)"
        self.logs.say(f"Training {reason} at step {step} after {taken}.")
        return Outcome(progress=self.progress, reason=reason)

    def _average(self) -> None:
        sources = self.directory.saved()[-self.config.average_last :]
        self.world.from_main(lambda: self.directory.save_average(sources, self.progress))
        if self.job.evaluate is None:
            return
        figures = self._evaluate(self.replica.filled(self.directory.averaged(), self.model))
        score, best = figures.get("score"), self.progress.best_score
        is_best = score is not None and (best is None or score > best)
        self.logs.validation(self.progress.step, figures, f"  (average of {len(sources)}{', best' * is_best})")
        if score is not None and is_best and self.world.is_main:
            self.directory.point_at_average(self.progress.step, score)
