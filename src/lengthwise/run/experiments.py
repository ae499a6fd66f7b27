"""Which problem, model, data and machine an experiment comes to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import torch

from lengthwise import catalog, config, runtime
from lengthwise.contracts import Features, ModelConfig
from lengthwise.data.prepare import prepare
from lengthwise.data.prepared import Prepared
from lengthwise.data.problem import Problem, Report
from lengthwise.evaluation.cost import Group, longest_batch, refuse_too_large
from lengthwise.recipes.experiment import Experiment, compose

Made = TypeVar("Made")


def experiment_of(
    recipe: str | None, problem: str | None, model: str | None, changes: Mapping[str, object]
) -> Experiment:
    """The experiment of a recipe, or of a problem and a model, with `path=value` changes."""
    data = {path.removeprefix("data."): value for path, value in changes.items() if path.startswith("data.")}
    rest = {path: value for path, value in changes.items() if not path.startswith("data.")}
    if "train.steps" in rest:
        rest.setdefault("train.minutes", None)
    experiment = config.override(_chosen(recipe, problem, model), rest)
    function = catalog.find("problems", experiment.problem)
    return replace(experiment, data=config.arguments(function, {**experiment.data, **data}, "data."))


def _chosen(recipe: str | None, problem: str | None, model: str | None) -> Experiment:
    if recipe is not None:
        if problem or model:
            raise ValueError(f"`{recipe}` must stand alone, but `--problem` or `--model` is given too. Give one.")
        return _made("recipes", recipe, Experiment)
    if problem and model:
        return compose(problem, _made("models", model, ModelConfig))
    missing = "`--model`" if problem else "`--problem`" if model else "A recipe, or `--problem` and `--model`,"
    raise ValueError(f"{missing} must be given. `lengthwise list` shows the names.")


def _made(kind: catalog.Kind, name: str, expected: type[Made], **parameters: object) -> Made:
    """What the factory of this name returns; ValueError where that is something else."""
    made = catalog.find(kind, name)(**parameters)
    if not isinstance(made, expected):
        found = type(made).__name__
        raise ValueError(f"`{name}` must return a `{expected.__name__}` to be one of {kind}, but returns a `{found}`.")
    return made


def problem_of(experiment: Experiment) -> Problem:
    """The problem with its parameters filled in."""
    return _made("problems", experiment.problem, Problem, **experiment.data)


def prepare_data(experiment: Experiment, report: Report | None = None) -> Prepared:
    """The experiment's data, prepared now or earlier; refuses a model that can't take it before any is read."""
    nominal_features(experiment)
    return prepare(experiment.problem, problem_of(experiment), experiment.data, report=report)


def nominal_features(experiment: Experiment) -> Features:
    """What the features will be, without the data: vocabularies count as large as they may become.

    ValueError where the model can't do a problem with these features.
    """
    problem = problem_of(experiment)
    inputs = None if problem.inputs is None else problem.inputs.feature
    features = Features(
        inputs=inputs,
        targets=problem.targets.feature,
        is_shared=problem.is_shared,
        growth=problem.growth,
        places=problem.places,
    )
    if reason := experiment.model.refuses(features):
        raise ValueError(f"{reason} `{experiment.problem}` x `{type(experiment.model).__name__}` can't work.")
    return features


def check(experiment: Experiment, *, is_here: bool = True) -> None:
    """ValueError where the model can't do the problem or a step on its longest examples would not fit in memory.

    Of a run elsewhere nothing is said that depends on this machine.
    """
    if experiment.batch.packed is True and not _can_pack(experiment):
        raise ValueError(
            "`batch.packed` must be false but for a decoder (`--model decoder.tiny`) on a problem without inputs, but "
            f"is true for `{experiment.problem}` x `{type(experiment.model).__name__}`."
        )
    optimizer, schedule = experiment.train.optimizer.name, experiment.train.schedule.name
    if optimizer == "schedule_free" and schedule != "constant":
        raise ValueError(
            f"`train.schedule.name` must be `constant` for `schedule_free`, which takes its place, but is `{schedule}`."
        )
    features = nominal_features(experiment)
    if is_here:
        machine = runtime.resolve(experiment.device, experiment.precision, experiment.seed)
        if experiment.batch.tokens != "auto":
            parts = experiment.parallel.num_parts(machine.world.size)
            refuse_too_large(experiment.model, features, longest_batch_of(experiment), machine, parts)


def longest_batch_of(experiment: Experiment, length: int | None = None) -> list[Group]:
    """The rows and lengths of a batch of the problem's longest examples, or of those of `length` tokens a side."""
    problem = problem_of(experiment)
    longest = problem.max_length if length is None else length
    sides = 1 if problem.inputs is None else 2
    return longest_batch(experiment.batch, longest, is_computed=problem.source.is_endless, num_sides=sides)


def resolved(experiment: Experiment) -> Experiment:
    """`auto` replaced by what this machine does, so that a resumed run computes the same."""
    machine = runtime.resolve(experiment.device, experiment.precision, experiment.seed)
    packed, smoothing = experiment.batch.packed, experiment.train.label_smoothing
    if packed == "auto":
        packed = _can_pack(experiment)
    if smoothing == "auto":
        # Where the likelihood itself is the figure, of texts and of pixels, it must not be smoothed.
        problem = problem_of(experiment)
        smoothing = 0.0 if problem.inputs is None or problem.targets.feature.modality == "pixels" else 0.1
    return replace(
        experiment,
        batch=replace(experiment.batch, packed=packed),
        train=replace(experiment.train, label_smoothing=smoothing),
        precision="fp32" if machine.compute_dtype == torch.float32 else "bf16",
    )


def _can_pack(experiment: Experiment) -> bool:
    return experiment.model.reads_documents and problem_of(experiment).inputs is None
