"""`lengthwise train`: fit a model to a problem in a run directory."""

from pathlib import Path
from typing import Annotated

import typer

from lengthwise.cli.progress import progress
from lengthwise.cli.words import Words, split


def command(
    run: Annotated[Path, typer.Option("--run", metavar="DIR", help="Where the run is kept; there already: go on.")],
    words: Words = None,
    problem: Annotated[str | None, typer.Option("--problem", help="In a recipe's place, with --model.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="file.preset, such as transformer.tiny.")] = None,
    extend: Annotated[bool, typer.Option("--extend", help="Train a finished run on, with a new length.")] = False,
) -> None:
    """Train a recipe, or any model on any problem; the same command again resumes."""
    from lengthwise.run import claim, experiment_of, prepare_data, train

    recipe, changes = split(words)
    experiment = experiment_of(recipe, problem, model, changes)
    claim(experiment, run, is_extended=extend)
    # A terminal has room for one live display: that of the data ends before that of the steps begins.
    with progress() as report:
        prepare_data(experiment, report)
    outcome = train(experiment, run, is_extended=extend)
    if outcome.reason == "interrupted":
        raise typer.Exit(130)
