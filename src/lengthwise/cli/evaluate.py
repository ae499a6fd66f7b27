"""`lengthwise evaluate`: scores of real decodes."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lengthwise.cli.output import check_output
from lengthwise.cli.progress import progress
from lengthwise.cli.words import Assignments, decode_settings

if TYPE_CHECKING:
    from lengthwise.evaluation.evaluate import Evaluation


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", show_default=False)],
    words: Assignments = None,
    split_name: Annotated[str, typer.Option("--split", help="validation or test.")] = "validation",
    samples: Annotated[int, typer.Option("--samples", min=0, help="Decodes to show beside their references.")] = 0,
    output: Annotated[Path | None, typer.Option("--json", help="Write the figures here too.")] = None,
) -> None:
    """Score a run: BLEU and others from real decodes, perplexity, each labelled."""
    from lengthwise.run import load

    settings = decode_settings(words)
    check_output(output, "--json")
    with progress() as report:
        found = load(run).evaluate(split_name, report, **settings)
    for row in _spread(samples, len(found.sources)):
        print(f"source      {found.sources[row]}")
        print(f"reference   {found.references[row]}")
        print(f"hypothesis  {found.hypotheses[row]}\n")
    print(f"{split_name}: {len(found.sources):,} rows")
    for score in found.scores:
        print(f"  {score}")
    for score in found.distinct_scores:
        print(f"  {found.num_distinct:,} rows without a near-duplicate in train: {score}")
    print(f"  perplexity per token (teacher-forced) {found.likelihood.perplexity:.2f}")
    if output is not None:
        output.write_text(json.dumps({"split": split_name, **_figures(found)}, indent=1))


def _spread(count: int, num_rows: int) -> list[int]:
    """At most `count` rows, evenly over all."""
    count = min(count, num_rows)
    return [i * num_rows // count for i in range(count)]


def _figures(found: "Evaluation") -> dict[str, Any]:
    distinct = {"rows": found.num_distinct, "scores": [vars(score) for score in found.distinct_scores]}
    teacher_forced = {"nll_per_token": found.likelihood.nll, "perplexity_per_token": found.likelihood.perplexity}
    return {
        "rows": len(found.sources),
        "scores": [vars(score) for score in found.scores],
        "without_near_duplicates": distinct,
        "teacher_forced": teacher_forced,
    }
