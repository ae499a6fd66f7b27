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
    is_by_position: Annotated[bool, typer.Option("--by-position", help="The loss by position, with a plot.")] = False,
    length: Annotated[
        int | None, typer.Option("--length", min=2, help="Of --by-position: tokens read at once.")
    ] = None,
) -> None:
    """Score a run: BLEU and others from real decodes, perplexity, each labelled."""
    from lengthwise.run import load

    settings = decode_settings(words)
    check_output(output, "--json")
    if is_by_position:
        return _by_position(run, split_name, length, output)
    guessed = load(run).baselines(split_name) if has_baselines else {}
    with progress() as report:
        found = load(run).evaluate(split_name, report, **settings)
    for row in _spread(samples, len(found.hypotheses)):
        print(f"source      {found.sources[row]}")
        print(f"reference   {found.references[row]}")
        print(f"hypothesis  {found.hypotheses[row]}\n")
    print(f"{split_name}: {len(found.references):,} rows")
    for score in found.scores:
        print(f"  {score}")
    for score in found.distinct_scores:
        print(f"  {found.num_distinct:,} rows without a near-duplicate in train: {score}")
    for name, scores in found.part_scores.items():
        print(f"  {name}: " + ", ".join([*map(str, scores), *_guesses(guessed.get(name, {}))]))
    for guess in _guesses(guessed.get("", {})):
        print(f"  {guess}")
    if found.likelihood.num_bytes:
        print(f"  bits per byte {found.likelihood.bits_per_byte:.4f}")
        print(f"  perplexity per word {found.likelihood.perplexity_per_word:.2f}")
    print(f"  perplexity per token (teacher-forced) {found.likelihood.perplexity:.2f}")
    if output is not None:
        baselines = {part: [vars(score) for score in scores.values()] for part, scores in guessed.items()}
        output.write_text(json.dumps({"split": split_name, **_figures(found), "baselines": baselines}, indent=1))


def _by_position(run: Path, split_name: str, length: int | None, output: Path | None) -> None:
    from lengthwise.inspection.position_plot import draw
    from lengthwise.run import load

    found = load(run).by_position(split_name, length)
    print(f"{split_name}: loss by position, nats per token with 95 % interval")
    for begin, nll, margin, count in zip(found.begins, found.nll, found.margins, found.num_tokens, strict=True):
        print(f"  from {begin:>7,}  {nll:.4f} ± {margin:.4f}  {count:>12,} tokens")
    picture = run / f"by-position-{split_name}.png"
    draw({run.name: found}, picture)
    print(f"plot: {picture}")
    if output is not None:
        output.write_text(json.dumps({"split": split_name, **vars(found)}, indent=1))


def _guesses(baselines: "Mapping[str, Score]") -> list[str]:
    return [f"{name}: {score}" for name, score in baselines.items()]


def _spread(count: int, num_rows: int) -> list[int]:
    """At most `count` rows, evenly over all."""
    count = min(count, num_rows)
    return [i * num_rows // count for i in range(count)]


def _figures(found: "Evaluation") -> dict[str, Any]:
    distinct = {"rows": found.num_distinct, "scores": [vars(score) for score in found.distinct_scores]}
    teacher_forced = {"nll_per_token": found.likelihood.nll, "perplexity_per_token": found.likelihood.perplexity}
    if found.likelihood.num_bytes:
        teacher_forced["bits_per_byte"] = found.likelihood.bits_per_byte
        teacher_forced["perplexity_per_word"] = found.likelihood.perplexity_per_word
    return {
        "rows": len(found.references),
        "scores": [vars(score) for score in found.scores],
        "without_near_duplicates": distinct,
        "parts": {name: [vars(score) for score in scores] for name, scores in found.part_scores.items()},
        "teacher_forced": teacher_forced,
    }
