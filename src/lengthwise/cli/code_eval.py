"""`lengthwise code-eval`: programs that a model wrote, run where they can harm nothing."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lengthwise.cli.output import check_output
from lengthwise.cli.progress import progress

if TYPE_CHECKING:
    from lengthwise.evaluation.code import Samples, Tally


def command(
    samples: Annotated[Path, typer.Option("--samples", help="JSONL of task_id and completion.", show_default=False)],
    problems: Annotated[
        Path | None, typer.Option("--problems", help="JSONL in HumanEval's or MBPP's form; default: HumanEval.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="A line per sample; default: beside the samples.")
    ] = None,
    ks: Annotated[
        str, typer.Option("--k", metavar="K,K,...", help="Of pass@k; default: 1, 10 and 100 where possible.")
    ] = "",
    cpu_seconds: Annotated[float, typer.Option("--cpu-seconds", help="Of a program; load never counts.")] = 5.0,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Programs at once; default: cores.")] = None,
) -> None:
    """Judge samples in a sandbox and report unbiased pass@k; the same command goes on where it stopped."""
    from lengthwise.data.sources.text.code_problems import human_eval, read_problems
    from lengthwise.evaluation.code import Tally, judge, read_samples
    from lengthwise.sandbox import Limits, Sandbox

    output = output or samples.with_name(f"{samples.stem}_results.jsonl")
    check_output(output, "--output")
    with progress() as report:
        known = human_eval(report) if problems is None else read_problems(problems)
        found = read_samples(samples, known)
        with Sandbox(workers, Limits(cpu_seconds=cpu_seconds)) as sandbox:
            rows = judge(known, found.samples, sandbox, output, report)
            tier = sandbox.tier
    num_tasks = len({row["task_id"] for row in rows})
    print(f"{len(rows):,} samples of {num_tasks:,} problems, tier {tier}; verdicts in {output}")
    _show(found, Counter(str(row["verdict"]) for row in rows))
    tally = Tally.of(rows)
    for score in tally.scores(_wanted(ks, tally)):
        print(f"  {score}")


def _show(found: "Samples", verdicts: Counter[str]) -> None:
    print("  " + ", ".join(f"{count:,} {verdict}" for verdict, count in verdicts.most_common()))
    for reason, places in found.left_out.items():
        shown = ", ".join(places[:5]) + (", ..." if len(places) > 5 else "")
        print(f"  left out: {len(places):,} x {reason} ({shown})")


def _wanted(text: str, tally: "Tally") -> list[int]:
    if not text:
        fewest = min(tally.num_samples.values(), default=0)
        return [k for k in (1, 10, 100) if k <= fewest]
    try:
        found = [int(word) for word in text.split(",")]
    except ValueError:
        found = [0]
    if min(found) < 1:
        raise ValueError(f"`--k` must be numbers above 0 with commas between them, but is {text!r}.")
    return found
