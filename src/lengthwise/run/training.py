"""Trains an experiment in a run directory."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from torch import Tensor

from lengthwise import config, runtime
from lengthwise.contracts import Batch, Counts, Model
from lengthwise.data.batches import Batches, training_batches
from lengthwise.data.batching import BatchConfig
from lengthwise.data.pieces import as_read
from lengthwise.data.prepared import Prepared
from lengthwise.data.problem import Report
from lengthwise.evaluation.cost import cost, example_batch
from lengthwise.evaluation.likelihood import likelihood
from lengthwise.evaluation.validation import validation
from lengthwise.losses import LossSum, sequence_loss
from lengthwise.recipes.experiment import Experiment
from lengthwise.run.batch_size import with_tokens
from lengthwise.run.experiments import check, longest_batch_of, prepare_data, problem_of, resolved
from lengthwise.run.keeping import claim, keep
from lengthwise.runtime import Runtime
from lengthwise.training.directory import RunDirectory
from lengthwise.training.loop import Job, Outcome
from lengthwise.training.loop import train as run_loop
from lengthwise.training.objective import Loss
from lengthwise.training.starts import best_start, seed_of
from lengthwise.world import ALONE, World, joined

COUNTED_LENGTH = 32
"""Of computed examples on which the FLOPs of a position are counted."""


def train(experiment: Experiment, path: Path, report: Report | None = None, *, is_extended: bool = False) -> Outcome:
    """Train in a run directory, or go on there; refuses a directory of another experiment by naming the difference.

    Under torchrun every process calls it, and they train one model together.
    """
    machine = runtime.resolve(experiment.device, experiment.precision, experiment.seed)
    with joined(machine.world):
        directory, world, wanted = RunDirectory(path), machine.world, resolved(experiment)
        world.together(lambda: _agree(wanted, world))
        experiment = world.from_main(lambda: with_tokens(wanted, directory, machine))
        return _train(experiment, directory, machine, report, is_extended)


def _train(
    experiment: Experiment, directory: RunDirectory, machine: Runtime, report: Report | None, is_extended: bool
) -> Outcome:
    prepared = _prepared(experiment, directory, machine.world, report, is_extended)
    runtime.keep_freed_memory()
    smoothing, rows = experiment.train.label_smoothing, experiment.train.validate_rows
    assert smoothing != "auto", "`train.label_smoothing=auto` must be resolved before training."

    def loss(model: Model, batch: Batch, counts: Counts) -> LossSum:
        return sequence_loss(model(batch), batch, smoothing, counts)

    model, batches = _begun(experiment, directory, prepared, machine, loss, report)
    problem = problem_of(experiment)
    return run_loop(
        Job(
            model=model,
            loss=loss,
            batches=batches,
            config=experiment.train,
            runtime=machine,
            directory=directory,
            evaluate=validation(prepared, problem, experiment.decode, machine, rows, directory.samples),
            parallel=experiment.parallel,
            flops_per_position=_flops_per_position(experiment, prepared, machine),
        )
    )


def _prepared(
    experiment: Experiment, directory: RunDirectory, world: World, report: Report | None, is_extended: bool
) -> Prepared:
    """The data, once the directory is this run's, and a step fits in memory."""
    world.from_main(lambda: claim(experiment, directory.path, is_extended=is_extended))
    with world.speaking_as_one():
        check(experiment)
    world.from_main(lambda: prepare_data(experiment, report) and None)
    prepared = world.together(lambda: prepare_data(experiment))
    world.from_main(lambda: keep(experiment, directory, prepared))
    return prepared


def _begun(
    experiment: Experiment,
    directory: RunDirectory,
    prepared: Prepared,
    machine: Runtime,
    loss: Loss,
    report: Report | None,
) -> tuple[Model, Batches]:
    """The model with the same first weights in all processes, which then draw random numbers of their own."""
    world, alone = machine.world, replace(machine, world=ALONE)

    def build() -> tuple[Model, Batches]:
        model = experiment.model.build(prepared.features)
        # What is divided over devices need not fit on one: its parts go there one by one.
        if experiment.parallel.num_parts(world.size) == 1 or experiment.train.starts > 1:
            model = model.to(machine.device)
        problem, accumulate = problem_of(experiment), experiment.train.accumulate
        return model, training_batches(
            problem, prepared, experiment.batch, experiment.seed, accumulate, lambda: model.train_length
        )

    def judge(model: Model) -> float:
        rows = as_read(prepared.split("validation"), problem_of(experiment))
        return likelihood(model, rows, BatchConfig(), alone).nll

    def start() -> dict[str, Tensor]:
        return best_start(directory.path, experiment.seed, build, judge, experiment.train, alone, loss, report)

    weights = None
    if experiment.train.starts > 1:
        world.from_main(lambda: start() and None)
        weights = world.together(start)
    runtime.seed_everything(experiment.seed)
    model, batches = build()
    if weights is not None:
        model.load_state_dict(weights)
    if world.rank:
        runtime.seed_everything(seed_of(experiment.seed, world.rank))
    return model, batches


def _flops_per_position(experiment: Experiment, prepared: Prepared, machine: Runtime) -> float:
    """Counted on a batch of the length that rows have in the mean."""
    problem, features = problem_of(experiment), prepared.features
    usual = problem.max_length
    if problem.source.is_endless:
        usual = min(COUNTED_LENGTH, usual)
    elif not experiment.batch.packed:
        rows = as_read(prepared.split("train"), problem)
        usual = max(1, round(float(np.maximum(rows.input_lengths, rows.target_lengths).mean())))
    num_rows, length = longest_batch_of(experiment, usual)[-1]
    counted = cost(experiment.model, features, num_rows, length, machine.compute_dtype)
    return counted.flops / example_batch(features, num_rows, length).num_positions


def _agree(experiment: Experiment, world: World) -> None:
    """Refuse processes that were started with different settings."""
    for rank, other in enumerate(world.gather(config.to_json(experiment))):
        differences = config.differences(config.from_json(other, Experiment), experiment, ignore=("device",))
        if differences:
            listed = "; ".join(f"`{name}` is {old!r} and {new!r}" for name, (old, new) in differences.items())
            raise ValueError(
                f"All processes must be started with the same settings, but of {rank} and {world.rank} {listed}."
            )
