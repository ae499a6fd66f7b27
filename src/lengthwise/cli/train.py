"""`lengthwise train`: fit a model to a problem in a run directory."""

from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer

from lengthwise.cli.progress import progress
from lengthwise.cli.words import Words, split

if TYPE_CHECKING:
    from lengthwise.recipes.experiment import Experiment
    from lengthwise.training.loop import Outcome


def command(
    run: Annotated[Path, typer.Option("--run", metavar="DIR", help="Where the run is kept; there already: go on.")],
    words: Words = None,
    problem: Annotated[str | None, typer.Option("--problem", help="In a recipe's place, with --model.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="file.preset, such as transformer.tiny.")] = None,
    extend: Annotated[bool, typer.Option("--extend", help="Train a finished run on, with a new length.")] = False,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Train as many runs, DIR/seed-0 and on.")] = 1,
) -> None:
    """Train a recipe, or any model on any problem; the same command again resumes."""
    from lengthwise.run import check, claim, experiment_of

    recipe, changes = split(words)
    experiment = experiment_of(recipe, problem, model, changes)
    runs = {run: experiment}
    if seeds > 1:
        numbers = range(experiment.seed, experiment.seed + seeds)
        runs = {run / f"seed-{number}": replace(experiment, seed=number) for number in numbers}
    check(experiment)
    for path, each in runs.items():
        claim(each, path, is_extended=extend)
    outcomes = [_train(each, path, extend) for path, each in runs.items()]
    scores = [score for outcome in outcomes if (score := outcome.progress.best_score) is not None]
    if seeds > 1 and scores:
        print(f"best validation score of {len(scores)} seeds: median {median(scores):.4g}, worst {min(scores):.4g}")


def _train(experiment: "Experiment", path: Path, is_extended: bool) -> "Outcome":
    from lengthwise.run import prepare_data, train

    # A terminal has room for one live display: that of the data ends before that of the steps begins.
    with progress() as report:
        prepare_data(experiment, report)
    outcome = train(experiment, path, is_extended=is_extended)
    if outcome.reason == "interrupted":
        raise typer.Exit(130)
    return outcome
