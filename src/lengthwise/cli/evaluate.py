"""`lengthwise evaluate`: scores of real decodes."""

import json
from pathlib import Path
from typing import Annotated

import typer

from lengthwise.cli.progress import progress
from lengthwise.cli.words import Assignments, split


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", show_default=False)],
    words: Assignments = None,
    split_name: Annotated[str, typer.Option("--split", help="validation or test.")] = "validation",
    samples: Annotated[int, typer.Option("--samples", help="Decodes to show beside their references.")] = 0,
    output: Annotated[Path | None, typer.Option("--json", help="Write the figures here too.")] = None,
) -> None:
    """Score a run: BLEU and others from real decodes, perplexity, each labelled."""
    from lengthwise.run import load

    _, changes = split(words)
    settings = {path.removeprefix("decode."): value for path, value in changes.items()}
    with progress() as report:
        found = load(run).evaluate(split_name, report, **settings)
    for i in range(0, len(found.sources), max(1, len(found.sources) // samples) if samples else len(found.sources)):
        if i // max(1, len(found.sources) // max(1, samples)) < samples:
            print(f"source      {found.sources[i]}\nreference   {found.references[i]}\nhypothesis  {found.hypotheses[i]}\n")
    print(f"{split_name}: {len(found.sources):,} rows")
    for score in found.scores:
        print(f"  {score}")
    for score in found.distinct_scores:
        print(f"  {found.num_distinct:,} rows without a near-duplicate in train: {score}")
    print(f"  perplexity per token (teacher-forced) {found.likelihood.perplexity:.2f}")
    if output is not None:
        scores = [vars(score) for score in found.scores]
        distinct = {"rows": found.num_distinct, "scores": [vars(score) for score in found.distinct_scores]}
        figures = {"split": split_name, "rows": len(found.sources), "scores": scores, "without_near_duplicates": distinct}
        teacher_forced = {"nll_per_token": found.likelihood.nll, "perplexity_per_token": found.likelihood.perplexity}
        output.write_text(json.dumps({**figures, "teacher_forced": teacher_forced}, indent=1))
