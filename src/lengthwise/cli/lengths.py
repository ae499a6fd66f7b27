"""`lengthwise lengths`: how far beyond its training lengths a run is right."""

import json
import sys
from collections import defaultdict
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer

from lengthwise.cli.output import check_output
from lengthwise.cli.progress import progress

if TYPE_CHECKING:
    from lengthwise.evaluation.length_generalization import LengthScore


def command(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Runs, or directories of seeds.")],
    longest: Annotated[int | None, typer.Option("--to", min=1, help="Longest; default: ten times training's.")] = None,
    lengths: Annotated[str | None, typer.Option("--lengths", metavar="N,N,...", help="These in --to's place.")] = None,
    inputs: Annotated[str | None, typer.Option("--inputs", metavar="KIND,...", help="These kinds only.")] = None,
    examples: Annotated[int, typer.Option("--examples", min=1, help="Of a length; at most 64 above 1,000.")] = 512,
    output: Annotated[Path | None, typer.Option("--json", help="Write the figures here too.")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE.png", help="Draw accuracy by length.")] = None,
) -> None:
    """Exact match and symbol accuracy by length, on random and adversarial inputs; one run over the other."""
    check_output(output, "--json")
    check_output(plot, "--plot")
    wanted = _numbers(lengths) if lengths else None
    kinds = inputs.split(",") if inputs else None
    if plot is not None:
        from lengthwise.inspection.length_plot import check_installed

        check_installed()
    found: dict[Path, list[LengthScore]] = {}
    for group in runs:
        members = _seeds(group)
        found[group] = [score for path in members for score in _scores(path, wanted, longest, examples, kinds)]
        _show(group, found[group], len(members))
        for path in members:
            _show_pondering(path, sorted({score.length for score in found[group] if score.run == str(path)}))
    if output is not None:
        rows = [asdict(score) for scores in found.values() for score in scores]
        output.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if plot is not None:
        from lengthwise.inspection.length_plot import draw

        draw({str(group): scores for group, scores in found.items()}, plot)


def _scores(
    path: Path, wanted: list[int] | None, longest: int | None, examples: int, kinds: list[str] | None
) -> "list[LengthScore]":
    from lengthwise.evaluation.length_generalization import default_lengths, length_scores
    from lengthwise.run import load

    run = load(path)
    task, trained = run.computed_task()
    task = task if kinds is None else task.of(kinds)
    lengths = wanted or default_lengths(trained, longest or 10 * (trained - 1) + 1)
    # What is exact needs no search: models that write token by token take the likeliest one.
    decode = partial(run.decode, method="greedy")
    found = []
    with progress() as report:
        try:
            for score in length_scores(str(path), decode, task, lengths, examples):
                found.append(score)
                report(f"{path}: length {score.length}", len(found), len(lengths) * len(task.inputs))
        except ValueError as error:
            # Longer ones than the model's positions reach: what is known of the shorter ones is still told.
            if not found:
                raise
            print(f"{path}: nothing beyond length {found[-1].length}: {error}", file=sys.stderr)
    return found


def _show_pondering(path: Path, lengths: list[int]) -> None:
    """Steps by length and by symbol, of models with adaptive computation."""
    from lengthwise.run import load

    run = load(path)
    pondered = {length: found for length in lengths if (found := run.ponder_by_symbol(length))}
    if not pondered:
        return
    symbols = sorted({symbol for found in pondered.values() for symbol in found} - {""})
    print(f"{path}: mean steps of an input, over all and by symbol")
    print(f"{'length':>7}  {'all':>6}  " + "  ".join(f"{symbol:>6}" for symbol in symbols))
    for length, found in pondered.items():
        cells = [f"{found[symbol]:>6.2f}" if symbol in found else f"{'-':>6}" for symbol in ("", *symbols)]
        print(f"{length:>7}  " + "  ".join(cells))


def _seeds(path: Path) -> list[Path]:
    """The runs of a directory made by `train --seeds`, or the run itself."""
    found = [each for each in path.glob("seed-*") if (each / "config.json").is_file()]
    return sorted(found, key=lambda each: int(each.name.removeprefix("seed-"))) or [path]


def _numbers(text: str) -> list[int]:
    try:
        found = [int(word) for word in text.split(",")]
    except ValueError:
        found = []
    if not found or min(found) < 1:
        raise ValueError(f"`--lengths` must be numbers above 0 with commas between them, but is {text!r}.")
    return found


def _show(group: Path, scores: "list[LengthScore]", num_seeds: int) -> None:
    """One line per length and kind; of several seeds the median and the worst."""
    cells: dict[tuple[int, str], list[LengthScore]] = defaultdict(list)
    for score in scores:
        cells[score.length, score.inputs].append(score)
    figures = ("exact match", "symbol accuracy")
    heads = figures if num_seeds == 1 else [head for figure in figures for head in (figure, "worst")]
    print(f"{group}" + (f": median and worst of {num_seeds} seeds" if num_seeds > 1 else ""))
    print(f"{'length':>7}  {'inputs':<12}{'examples':>9}  " + "  ".join(f"{head:>15}" for head in heads))
    for (length, kind), members in cells.items():
        values = []
        for column in ([each.exact_match for each in members], [each.symbol_accuracy for each in members]):
            values += [median(column)] if num_seeds == 1 else [median(column), min(column)]
        print(f"{length:>7}  {kind:<12}{members[0].examples:>9}  " + "  ".join(f"{value:>15.4f}" for value in values))
