"""`lengthwise curate`: clean texts for pretraining."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lengthwise.cli.progress import progress

if TYPE_CHECKING:
    from lengthwise.data.problem import Source


def command(
    words: Annotated[list[str], typer.Argument(metavar="INPUT... [path=value]...", show_default=False)],
    output: Annotated[Path, typer.Option("--output", help="A new folder.")],
    ending: Annotated[str, typer.Option("--ending", help="Of the files to read in folders, such as .md.")] = "",
    column: Annotated[str, typer.Option("--column", help="Of records: the one that holds the text.")] = "text",
    rates: Annotated[str, typer.Option("--rates", help="Share of each input in what is kept, such as 3,1.")] = "",
    format: Annotated[str, typer.Option("--format", help="jsonl or parquet.")] = "jsonl",
    processes: Annotated[int, typer.Option("--processes", help="0: as many as there are cores.")] = 0,
) -> None:
    """Clean texts: quality, languages, copies, evaluation sets; INPUT is a file, a folder, hub:... or a problem.

    Settings: quality.min_words=50 languages=[en] near=0.7 against=[language_modeling.wikipedia:test] ngram=13.
    """
    from lengthwise import config, literals
    from lengthwise.data.curation.corpus import Corpus
    from lengthwise.data.curation.pipeline import Curation
    from lengthwise.data.curation.writing import Format

    inputs = [word for word in words if "=" not in word or Path(word).exists()]
    if not inputs or len(set(inputs)) < len(inputs):
        raise ValueError(f"Different inputs must be named: files, folders or problems; but they are {inputs}.")
    changes = config.parse_assignments(word for word in words if word not in inputs)
    reader = literals.Reader(is_text=True)
    corpus = Corpus(
        inputs={name: _source(name, ending, column) for name in inputs},
        curation=config.override(Curation(), changes),
        rates=reader.read(rates, tuple[float, ...], "--rates") if rates else (),
        format=reader.read(format, Format, "--format"),
    )
    with progress() as report:
        counts = corpus.write(output, processes or len(os.sched_getaffinity(0)), report)
    _print(counts, output, format)


def _source(name: str, ending: str, column: str) -> "Source":
    from lengthwise import catalog
    from lengthwise.data.curation.evaluation_sets import problem_of_texts
    from lengthwise.data.sources.text.files import TextFiles

    is_problem = not Path(name).exists() and (name in catalog.names("problems") or (":" in name and name[:4] != "hub:"))
    return problem_of_texts(name).source if is_problem else TextFiles((name,), ending, column)


def _print(counts: dict[str, Any], output: Path, format: str) -> None:
    for name, each in counts["inputs"].items():
        share = each["bytes_kept"] / max(1, each["bytes_read"])
        print(
            f"{name}: kept {each['num_kept']:,} of {each['num_read']:,} texts, {each['bytes_kept'] / 1e6:,.1f} of "
            f"{each['bytes_read'] / 1e6:,.1f} MB ({share:.0%})"
        )
        for reason, rows in each["left_out"].items():
            print(f"left out    {rows['count']:,} x {reason} (such as {', '.join(rows['first'][:2])})")
    print(f"{counts['seconds']} s, {counts['megabytes_per_second']} MB/s")
    print(f"{output} (to learn from: data.source={output} data.ending=.{format})")
