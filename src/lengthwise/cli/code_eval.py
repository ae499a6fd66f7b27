"""`lengthwise code-eval`: programs that a model wrote, run where they can harm nothing."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lengthwise import config
from lengthwise.cli.output import check_output
from lengthwise.cli.progress import progress
from lengthwise.cli.words import Assignments, split

if TYPE_CHECKING:
    from lengthwise.data.problem import Report
    from lengthwise.data.sources.text.code_problems import CodeProblem
    from lengthwise.evaluation.code_writers import Sampling, Writer


@dataclass(frozen=True, kw_only=True)
class CodeEvalConfig:
    """What `path=value` can say."""

    num_samples: int = 1
    """Of each problem and temperature, where a model writes them."""
    temperatures: tuple[float, ...] = (0.2,)
    top_p: float = 0.95
    max_tokens: int = 300
    k: tuple[int, ...] = ()
    """Of pass@k; by default 1, 10 and 100 where there are as many samples."""
    cpu_seconds: float = 5.0
    """That a program may work or sleep; how busy the machine is never counts."""
    workers: int = 0
    """Programs at once; 0: as many as cores."""
    extended: bool = False
    """Whether samples that pass are asked more: changed inputs, with the reference solution's answers."""
    infilling: bool = False
    """Whether every line of a known solution is a problem: the model is given the rest of the program."""
    tier: Literal["auto", "namespaces", "landlock", "gvisor", "podman"] = "auto"
    """How programs are shut in; `gvisor` and `podman` need those to be installed."""
    against: str = ""
    """Results of another model, to compare with problem by problem."""


def command(
    words: Assignments = None,
    samples: Annotated[Path | None, typer.Option("--samples", help="JSONL of task_id and completion.")] = None,
    problems: Annotated[
        str,
        typer.Option("--problems", metavar="NAME|FILE", help="code.stdlib, or JSONL in HumanEval's or MBPP's form."),
    ] = "code.human_eval",
    output: Annotated[Path | None, typer.Option("--output", help="JSONL: a verdict per sample.")] = None,
    run: Annotated[Path | None, typer.Option("--run", help="A model trained here writes the samples.")] = None,
    model: Annotated[Path | None, typer.Option("--model", help="A Hugging Face model's folder.")] = None,
    server: Annotated[str | None, typer.Option("--server", metavar="URL", help="OpenAI-compatible.")] = None,
    page: Annotated[Path | None, typer.Option("--page", metavar="FILE.html", help="Every problem, to read.")] = None,
) -> None:
    """Judge samples in a sandbox and report unbiased pass@k; the same command goes on where it stopped.

    Settings: num_samples, temperatures, top_p, max_tokens, k, cpu_seconds, workers, extended,
    infilling, tier, against.
    """
    settings = _settings(words)
    given = [each for each in (samples, run, model, server) if each is not None]
    if len(given) != 1:
        raise ValueError(f"One of --samples, --run, --model and --server must be given, but {len(given)} are.")
    output = output or _beside(samples, run, settings.infilling)
    for path, name in ((output, "--output"), (page, "--page")):
        check_output(path, name)
    with progress() as report:
        known = _problems(problems, report)
        if settings.infilling:
            known = _gaps(known, model, server)
        if samples is None:
            samples = output.with_name(f"{output.stem}_samples.jsonl")
            _write(known, samples, _writer(run, model, server, settings.infilling), settings, report)
        rows, harder = _judge(known, samples, output, settings, report)
    _scores(rows, settings)
    if harder:
        print("with extended tests:")
        _defects(known)
        _scores(harder, settings)
    if page is not None:
        from lengthwise.inspection.code_page import draw

        page.write_text(draw(known, rows), encoding="utf-8")
        print(f"page: {page}")


def _settings(words: Sequence[str] | None) -> CodeEvalConfig:
    name, assignments = split(words)
    if name is not None:
        raise ValueError(f"`{name}` must be `path=value`, such as `num_samples=20`. A run goes behind --run.")
    found = config.override(CodeEvalConfig(), assignments)
    if min(found.k, default=1) < 1 or found.num_samples < 1 or min(found.temperatures, default=-1) < 0:
        raise ValueError("`k` and `num_samples` must be at least 1, and `temperatures` at least 0.")
    if found.workers < 0 or found.max_tokens < 1 or not 0 < found.top_p <= 1:
        raise ValueError("`workers` must be at least 0, `max_tokens` at least 1, and `top_p` above 0 and at most 1.")
    return found


def _problems(name: str, report: "Report") -> "list[CodeProblem]":
    from lengthwise.data.sources.text.code_problems import human_eval, read_problems
    from lengthwise.data.sources.text.stdlib_problems import stdlib

    match name:
        case "code.human_eval":
            return human_eval(report)
        case "code.stdlib":
            return stdlib()
    return read_problems(Path(name))


def _gaps(problems: "Sequence[CodeProblem]", model: Path | None, server: str | None) -> "list[CodeProblem]":
    from lengthwise.data.sources.text.code_problems import lines_to_fill

    if model is not None or server is not None:
        raise ValueError("`infilling` must be false with --model and --server: each marks gaps in its own way.")
    if not (found := lines_to_fill(problems)):
        raise ValueError("`infilling` needs problems with solutions, but none of these has one. Leave it out.")
    return found


def _beside(samples: Path | None, run: Path | None, infilling: bool) -> Path:
    if samples is not None:
        if not samples.is_file():
            raise ValueError(f"`--samples` must be a file, but `{samples}` is none. Check the path.")
        return samples.with_name(f"{samples.stem}_results.jsonl")
    if run is None:
        raise ValueError("`--output` must be given with --model and --server: it is where verdicts are kept.")
    return run / ("code-eval_lines.jsonl" if infilling else "code-eval.jsonl")


def _writer(run: Path | None, model: Path | None, server: str | None, infilling: bool) -> "Writer":
    from lengthwise.evaluation.code_writers import HubModel, Server

    if server is not None:
        return Server(server)
    if model is not None:
        return HubModel(model)
    from lengthwise.run import load

    assert run is not None
    found = load(run)
    if infilling:
        found.check_fills()
    return found.complete


def _write(
    problems: "Sequence[CodeProblem]", path: Path, writer: "Writer", settings: CodeEvalConfig, report: "Report"
) -> None:
    from lengthwise.evaluation.code_writers import Sampling, write_samples

    def sampling(heat: float) -> "Sampling":
        found = Sampling(temperature=heat, top_p=settings.top_p, max_tokens=settings.max_tokens)
        return replace(found, stops=("\n",)) if settings.infilling else found

    drawn = [sampling(heat) for heat in settings.temperatures]
    missing = write_samples(problems, writer, path, settings.num_samples, drawn, report)
    if missing:
        print(f"{missing.total():,} completions of {len(missing):,} problems were not to be had:")
        for reason, count in getattr(writer, "failures", {}).items():
            print(f"  {count:,} x {reason}")


def _judge(
    problems: "Sequence[CodeProblem]", samples: Path, output: Path, settings: CodeEvalConfig, report: "Report"
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of the given tests, and of the extended ones where they are wanted."""
    from lengthwise.evaluation.code import judge, read_samples
    from lengthwise.evaluation.code_extended import judge_extended
    from lengthwise.evaluation.code_scores import is_python
    from lengthwise.sandbox import Limits, Sandbox

    found = read_samples(samples, problems)
    with Sandbox(settings.workers or None, Limits(cpu_seconds=settings.cpu_seconds), settings.tier) as sandbox:
        rows = harder = judge(problems, found.samples, sandbox, output, report)
        if settings.extended:
            place = output.with_name(f"{output.stem}_extended.jsonl")
            harder = judge_extended(problems, found.samples, rows, sandbox, place, report)
        tier = sandbox.tier
    num_tasks = len({row["task_id"] for row in rows})
    print(f"{len(rows):,} samples of {num_tasks:,} of {len(problems):,} problems, tier {tier}; verdicts in {output}")
    verdicts = Counter(str(row["verdict"]) for row in rows)
    print("  " + ", ".join(f"{count:,} {verdict}" for verdict, count in verdicts.most_common()))
    share = sum(map(is_python, rows)) / max(1, len(rows))
    print(f"  {share:.1%} of them are Python")
    for reason, places in found.left_out.items():
        shown = ", ".join(places[:5]) + (", ..." if len(places) > 5 else "")
        print(f"  left out: {len(places):,} x {reason} ({shown})")
    num_shared = sum(row["trust"] == "shared" for row in rows)
    if num_shared:
        print(f"  {num_shared:,} were checked in the program's own process, where one that wants to cheat can")
    return rows, harder if settings.extended else []


def _scores(rows: Sequence[Mapping[str, Any]], settings: CodeEvalConfig) -> None:
    from lengthwise.evaluation.code_scores import best, by_temperature, wanted

    tallies = by_temperature(rows)
    ks = wanted(settings.k, tallies.values())
    for heat, tally in tallies.items():
        at = "" if heat is None else f"temperature {heat:g}: "
        if tally.num_refused:
            print(f"  {at}{tally.num_refused:,} samples were refused and count neither as right nor as wrong")
        for k in ks:
            print(f"  {at}{tally.score(k)}")
    chosen = {k: best(tallies, k) for k in ks}
    if len(tallies) > 1:
        for heat, score in chosen.values():
            print(f"  best of {len(tallies)} temperatures, {heat:g}: {score}")
    if settings.against:
        _compare(Path(settings.against), {k: tallies[heat] for k, (heat, _) in chosen.items()})


def _defects(problems: "Sequence[CodeProblem]") -> None:
    from lengthwise.data.sources.text.code_defects import DEFECTS

    for task, reason in DEFECTS.items():
        if any(each.task_id == task for each in problems):
            print(f"  {task} keeps its given tests: {reason}")


def _compare(path: Path, chosen: Mapping[int, Any]) -> None:
    from lengthwise.evaluation.code_scores import best, by_temperature

    if not path.is_file():
        raise ValueError(f"`against` must be a file of results, but `{path}` is none. Check the path.")
    others = by_temperature([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])
    for k, tally in chosen.items():
        print(f"  {tally.against(others[best(others, k)[0]], k)}")
