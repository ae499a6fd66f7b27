"""`lengthwise evaluate`: scores of real decodes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lengthwise.cli.output import check_output
from lengthwise.cli.progress import progress
from lengthwise.cli.words import Assignments, decode_settings

if TYPE_CHECKING:
    from lengthwise.evaluation.evaluate import Evaluation
    from lengthwise.metrics.score import Score


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", show_default=False)],
    words: Assignments = None,
    split_name: Annotated[str, typer.Option("--split", help="validation or test.")] = "validation",
    samples: Annotated[int, typer.Option("--samples", min=0, help="Decodes to show beside their references.")] = 0,
    output: Annotated[Path | None, typer.Option("--json", help="Write the figures here too.")] = None,
    has_baselines: Annotated[bool, typer.Option("--baselines", help="Show what guessing reaches, too.")] = False,
) -> None:
    """Score a run: BLEU and others from real decodes, perplexity, each labelled."""
    from lengthwise.run import load

    settings = decode_settings(words)
    check_output(output, "--json")
    guessed = load(run).baselines(split_name) if has_baselines else {}
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
    for name, scores in found.part_scores.items():
        print(f"  {name}: " + ", ".join([*map(str, scores), *_guesses(guessed.get(name, {}))]))
    for guess in _guesses(guessed.get("", {})):
        print(f"  {guess}")
    print(f"  perplexity per token (teacher-forced) {found.likelihood.perplexity:.2f}")
    if output is not None:
        baselines = {part: [vars(score) for score in scores.values()] for part, scores in guessed.items()}
        output.write_text(json.dumps({"split": split_name, **_figures(found), "baselines": baselines}, indent=1))


def _guesses(baselines: "Mapping[str, Score]") -> list[str]:
    return [f"{name}: {score}" for name, score in baselines.items()]


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
        "parts": {name: [vars(score) for score in scores] for name, scores in found.part_scores.items()},
        "teacher_forced": teacher_forced,
    }
