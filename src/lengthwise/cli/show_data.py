"""`lengthwise show-data`: examples of a problem as a model sees them, and the figures of all of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lengthwise.cli.output import check_output
from lengthwise.cli.progress import progress
from lengthwise.cli.words import split

if TYPE_CHECKING:
    from lengthwise.data.prepared import Prepared

NUM_BATCHES = 50
"""That the share of padding is taken of."""


def command(
    words: Annotated[list[str], typer.Argument(metavar="PROBLEM [data.x=value]...", show_default=False)],
    count: Annotated[int, typer.Option("--count", min=1, help="Examples to show.")] = 3,
    output: Annotated[Path | None, typer.Option("--output", metavar="PNG", help="Draw images and sounds here.")] = None,
) -> None:
    """Show the first training examples of a problem: tokens, padding, augmented images, spectrograms; and lengths."""
    from lengthwise import catalog, config
    from lengthwise.data.batches import training_batches
    from lengthwise.data.batching import BatchConfig
    from lengthwise.data.prepare import prepare
    from lengthwise.inspection.data_view import described, padding_waste, pictures
    from lengthwise.world import WHOLE

    name, changes = split(words)
    if name is None:
        raise ValueError("A problem must be named. `lengthwise list problems` shows them.")
    check_output(output, "--output")
    function = catalog.find("problems", name)
    data = {path.removeprefix("data."): value for path, value in changes.items() if path.startswith("data.")}
    rest = {path.removeprefix("batch."): value for path, value in changes.items() if not path.startswith("data.")}
    parameters = config.arguments(function, data, "data.")
    problem = function(**parameters)
    settings = config.override(BatchConfig(packed=problem.inputs is None), rest)
    with progress() as report:
        prepared = prepare(name, problem, parameters, report=report)
    batches = training_batches(problem, prepared, settings, seed=0)
    first = batches(0, WHOLE)
    for row in range(min(count, len(first.targets))):
        print(f"inputs   {described(first.inputs, prepared.inputs, row)}")
        print(f"targets  {described(first.targets, prepared.targets, row)}\n")
    waste = padding_waste([batches(step, WHOLE) for step in range(NUM_BATCHES)])
    rows = len(first.targets)
    print(f"padding  {waste:.1%} of {NUM_BATCHES} batches of {settings.tokens} tokens; the first has {rows} rows")
    _count(prepared)
    drawn = pictures(first, prepared.inputs, prepared.targets, count)
    if output is not None:
        _draw(drawn, output, name)
    elif drawn:
        print("--output FILE.png draws these examples.")


def _count(prepared: "Prepared") -> None:
    from lengthwise.inspection.data_view import lengths

    for name, figures in prepared.manifest["splits"].items():
        sides = lengths(prepared.split(name))
        shown = "  ".join(f"{side} {'/'.join(f'{each:,}' for each in found)}" for side, found in sides.items())
        print(f"{name:<12}{figures['num_rows']:>9,} rows  lengths (least/median/95 %/most): {shown}")
    for reason, rows in prepared.manifest["rejected"].items():
        print(f"left out    {rows['count']:,} x {reason} (such as {', '.join(rows['first'][:2])})")


def _draw(drawn: list, output: Path, name: str) -> None:
    from lengthwise.data.codecs.image import Images
    from lengthwise.data.codecs.pixels import grid

    if not drawn:
        raise ValueError(f"`--output` must not be given for `{name}`, which has neither images nor sounds.")
    is_wide = drawn[0].shape[1] > 2 * drawn[0].shape[0]
    output.write_bytes(Images(1, 1).png(grid(drawn, 1 if is_wide else min(8, len(drawn)))))
    print(f"drawn: {output}")
