"""`lengthwise train`: fit a model to a problem in a run directory."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lengthwise.cli.progress import progress
from lengthwise.cli.words import Words, split

if TYPE_CHECKING:
    from lengthwise.recipes.experiment import Experiment
    from lengthwise.training.loop import Outcome


def command(
    run: Annotated[
        Path | None,
        typer.Option("--run", metavar="DIR", help="Where it is kept; there already: go on. Default: runs/NAME."),
    ] = None,
    words: Words = None,
    problem: Annotated[str | None, typer.Option("--problem", help="In a recipe's place, with --model.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="file.preset, such as transformer.tiny.")] = None,
    extend: Annotated[bool, typer.Option("--extend", help="Train a finished run on, with a new length.")] = False,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Train as many runs, DIR/seed-0 and on.")] = 1,
    launcher: Annotated[str | None, typer.Option("--launcher", help="torchrun (here), slurm or ray.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Of --launcher: how many processes.")] = 1,
) -> None:
    """Train a recipe, or any model on any problem; the same command again resumes."""
    from lengthwise.run import check, claim
    from lengthwise.world import joined, of_environment

    world = of_environment()
    with joined(world):
        runs, cluster = world.together(lambda: _asked(words, run, problem, model, seeds))
        if launcher is None and (workers > 1 or cluster):
            raise ValueError("`--workers` and `cluster.` must come with `--launcher`, but there is none. Give one.")
        if world.size == 1:
            # Processes that train together check together, where the one that speaks is known.
            for path, each in runs.items():
                check(each, is_here=launcher in (None, "torchrun"))
                claim(each, path, is_extended=extend)
        if launcher is not None:
            for path, each in runs.items():
                _launch(launcher, each, path, extend, workers, cluster)
            return
        _train_all(runs, extend)


def _asked(
    words: Words, run: Path | None, problem: str | None, model: str | None, seeds: int
) -> tuple[dict[Path, "Experiment"], dict[str, str]]:
    """The runs that the words describe, and what a cluster is asked for, which is no part of them: cluster.nodes=2."""
    from lengthwise.run import experiment_of
    from lengthwise.world import of_environment

    recipe, changes = split(words)
    cluster = {path: changes.pop(path) for path in list(changes) if path.startswith("cluster.")}
    experiment = experiment_of(recipe, problem, model, changes)
    if run is None:
        run = directory_of(recipe, problem, model)
        if of_environment().is_main:
            print(f"Run: {run}", file=sys.stderr)
    if seeds == 1:
        return {run: experiment}, cluster
    numbers = range(experiment.seed, experiment.seed + seeds)
    return {run / f"seed-{number}": replace(experiment, seed=number) for number in numbers}, cluster


def _train_all(runs: Mapping[Path, "Experiment"], extend: bool) -> None:
    from lengthwise.world import of_environment

    outcomes = [_train(each, path, extend) for path, each in runs.items()]
    scores = [score for outcome in outcomes if (score := outcome.progress.best_score) is not None]
    if len(runs) > 1 and scores and of_environment().is_main:
        print(f"best validation score of {len(scores)} seeds: median {median(scores):.4g}, worst {min(scores):.4g}")


def directory_of(recipe: str | None, problem: str | None, model: str | None) -> Path:
    """Where a run is kept that was not told: `runs/RECIPE` or `runs/PROBLEM-MODEL`."""
    name = recipe or "-".join(part for part in (problem, model) if part)
    return Path("runs", name.replace(":", ".").replace("/", "_") or "unnamed")


def _launch(
    launcher: str, experiment: "Experiment", path: Path, is_extended: bool, workers: int, cluster: dict[str, str]
) -> None:
    from lengthwise.launch.launchers import Job, launch
    from lengthwise.literals import Reader

    asked = {key.removeprefix("cluster."): Reader(is_text=True).read(text, Any, key) for key, text in cluster.items()}
    job = Job(experiment=experiment, path=path, is_extended=is_extended, workers=workers, cluster=asked)
    if not launch(launcher, job):
        raise typer.Exit(1)


def _train(experiment: "Experiment", path: Path, is_extended: bool) -> "Outcome":
    from lengthwise.run import prepare_data, train
    from lengthwise.world import of_environment

    if of_environment().size == 1:
        # A terminal has room for one live display: that of the data ends before that of the steps begins.
        with progress() as report:
            prepare_data(experiment, report)
    outcome = train(experiment, path, is_extended=is_extended)
    if outcome.reason == "interrupted":
        raise typer.Exit(130)
    return outcome
