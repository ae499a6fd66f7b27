"""`batch.tokens=auto`: as many as fit in memory, found once and kept with the run."""

import sys
from dataclasses import replace
from math import gcd

import torch

from lengthwise.contracts import Features
from lengthwise.evaluation.cost import cost, example_batch
from lengthwise.losses import sequence_loss
from lengthwise.recipes.experiment import Experiment
from lengthwise.run.experiments import nominal_features, problem_of
from lengthwise.run.keeping import read_config
from lengthwise.runtime import Runtime
from lengthwise.training.directory import RunDirectory

SHARE = 0.8
"""Of the memory, how much a step may take."""
MOST = {"cpu": 2**13, "cuda": 2**18}
"""Tokens a process, by device: on a CPU larger batches are no faster."""
LEAST = 2**8


def with_tokens(experiment: Experiment, directory: RunDirectory, machine: Runtime) -> Experiment:
    """The experiment with a number in place of `auto`: the one its run was begun with, or one that fits."""
    if experiment.batch.tokens != "auto":
        return experiment
    if directory.config.is_file():
        tokens = read_config(directory.config).batch.tokens
    else:
        tokens = _chosen(experiment, machine)
        print(f"batch.tokens=auto is {tokens:,} for {machine.world.size} x {machine.device}.", file=sys.stderr)
    return replace(experiment, batch=replace(experiment.batch, tokens=tokens))


def _chosen(experiment: Experiment, machine: Runtime) -> int:
    """The largest power of two, for all processes together, whose step on the longest rows fits in memory."""
    length, features = problem_of(experiment).max_length, nominal_features(experiment)
    one, two = (cost(experiment.model, features, rows, length, machine.compute_dtype) for rows in (1, 2))
    a_row = max(1, two.activation_bytes - one.activation_bytes)
    num_rows = (SHARE * machine.memory - one.state_bytes) / a_row
    if num_rows < 1:
        raise ValueError(
            f"One row of {length:,} tokens a side must fit in memory for `batch.tokens=auto`, but does not. Lower "
            "`data.max_length` or the model's sizes."
        )
    sides = 1 if features.inputs is None else 2
    tokens = min(MOST[machine.device.type], int(num_rows) * sides * length)
    tokens = max(LEAST, 1 << (tokens.bit_length() - 1))
    if machine.device.type == "cuda":
        while tokens > LEAST and not _fits(experiment, features, max(1, tokens // (sides * length)), length, machine):
            tokens //= 2
    # Processes that get whole batches of an update do not share those out.
    return tokens * (machine.world.size // gcd(machine.world.size, experiment.train.accumulate))


def _fits(experiment: Experiment, features: Features, rows: int, length: int, machine: Runtime) -> bool:
    """Whether a forward and a backward pass find their memory, beside two moments for every gradient."""
    try:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            model = experiment.model.build(features).to(machine.device)
        moments = [torch.zeros_like(parameter) for parameter in model.parameters() for _ in range(2)]
        batch = example_batch(features, rows, length).to(machine.device)
        with machine.autocast():
            total = sequence_loss(model(batch), batch).total
        total.backward()
        del moments
        return torch.cuda.max_memory_allocated() <= SHARE * machine.memory
    except torch.OutOfMemoryError:
        return False
    finally:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
