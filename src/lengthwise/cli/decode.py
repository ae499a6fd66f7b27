"""`lengthwise decode`: a file, a pipe or a prompt."""

import codecs
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lengthwise.cli.output import check_output
from lengthwise.cli.progress import progress
from lengthwise.cli.words import FilesAndAssignments, decode_settings

if TYPE_CHECKING:
    from lengthwise.run import Run


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", show_default=False)],
    words: FilesAndAssignments = None,
    source: Annotated[str | None, typer.Option("--input", metavar="FILE|-", help="A line each; - is a pipe.")] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="In place of the terminal.")] = None,
    beam: Annotated[int | None, typer.Option("--beam", help="Hypotheses kept alive; 1 is greedy.")] = None,
) -> None:
    """Write a trained model's output for each line of the input, in order; a language model goes on with each line.

    A model of images or sounds reads the files named here, or a path a line. One that draws takes classes, and
    --output is a PNG.
    """
    from lengthwise.run import load

    files = [word for word in words or () if "=" not in word]
    settings = decode_settings([word for word in words or () if "=" in word])
    if beam is not None:
        settings["beam"] = beam
    check_output(output, "--output")
    trained = load(run)
    if files and not trained.reads_files:
        decode_settings(files)
    if files and source is not None:
        raise ValueError(f"`--input` must not be given beside `{files[0]}`. Name all files in one of the two ways.")
    # What is wrong with the settings or the weights is said before anyone types or waits.
    if trained.draws:
        return _draw(trained, source, output, settings)
    trained.decode([], **settings)
    if not files and source is None and output is None and sys.stdin.isatty():
        for line in _prompt():
            print(trained.decode([line], **settings)[0], flush=True)
        return
    lines = files or _read(source or "-")
    with progress() as report:
        answers = trained.decode(lines, report, **settings)
    # Texts that go on have lines of their own.
    shown = [f"{answer}\n" if trained.continues else " ".join(answer.splitlines()) for answer in answers]
    text = "".join(f"{answer}\n" for answer in shown).encode()
    if output is None:
        sys.stdout.buffer.write(text)
    else:
        output.write_bytes(text)


def _draw(trained: "Run", source: str | None, output: Path | None, settings: dict[str, Any]) -> None:
    from lengthwise.data.codecs.pixels import Pixels, grid

    codec = trained.codecs.targets
    assert isinstance(codec, Pixels)
    if output is None:
        raise ValueError("`--output` must be the PNG to write the images to, but is not given.")
    trained.draw([], **settings)
    with progress() as report:
        images = trained.draw(_read(source or "-"), report, **settings)
    if not images:
        raise ValueError("The input must name a class on each line, but is empty.")
    output.write_bytes(codec.png(grid(images, columns=math.ceil(math.sqrt(len(images))))))


def _prompt() -> Iterator[str]:
    print("One sentence a line; Ctrl-D ends.", file=sys.stderr)
    while True:
        try:
            yield input("> ")
        except EOFError:
            print()
            return


def _read(source: str) -> list[str]:
    data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    lines = data.removeprefix(codecs.BOM_UTF8).split(b"\n")
    if not lines[-1]:
        lines.pop()
    texts = []
    for number, line in enumerate(lines, start=1):
        try:
            texts.append(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise ValueError(
                f"Line {number} of `{source}` must be UTF-8, but is not ({error.reason}). Convert it with iconv."
            ) from None
    return texts
