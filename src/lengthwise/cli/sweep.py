"""`lengthwise sweep`: a run for every combination of settings, and a table of which was best."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lengthwise.cli.words import Words, split

if TYPE_CHECKING:
    from lengthwise.launch.sweeps import Trial


def command(
    run: Annotated[Path, typer.Option("--run", metavar="DIR", help="Where the runs are kept, one folder each.")],
    words: Words = None,
    problem: Annotated[str | None, typer.Option("--problem", help="In a recipe's place, with --model.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="file.preset, such as transformer.tiny.")] = None,
    launcher: Annotated[
        str, typer.Option("--launcher", help="local: one after the other; ray: side by side.")
    ] = "local",
    workers: Annotated[int, typer.Option("--workers", min=1, help="Of ray: how many runs at a time.")] = 2,
) -> None:
    """Train a run for every combination of `path=value,value`; the same command again resumes."""
    from lengthwise.launch import sweeps
    from lengthwise.run import check, experiment_of

    if launcher not in ("local", "ray"):
        raise ValueError(f"`--launcher` of a sweep must be `local` or `ray`, but is `{launcher}`.")
    recipe, changes = split(words)
    shared, varied = sweeps.combinations(changes)
    jobs = []
    for settings in varied:
        experiment = experiment_of(recipe, problem, model, {**shared, **settings})
        check(experiment)
        jobs.append((experiment, sweeps.directory_of(run, settings), settings))
    if launcher == "ray":
        from lengthwise.launch.on_ray import run_trials

        trials = run_trials(jobs, workers)
    else:
        trials = [sweeps.run_trial(*job) for job in jobs]
    trials = sweeps.ranked(trials)
    _show(trials)
    sweeps.write(run / "sweep.json", trials)


def _show(trials: "list[Trial]") -> None:
    paths = list(trials[0].settings)
    rows = [["score", "steps", *paths]]
    for trial in trials:
        progress = trial.progress
        best = "-" if progress is None or progress.best_score is None else f"{progress.best_score:.4g}"
        rows.append([best, str(progress.step) if progress else "failed", *(trial.settings[path] for path in paths)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    for trial in trials:
        if trial.error:
            print(f"{trial.path}: {trial.error}")
