"""Extended tests: a problem's own, then more inputs with the reference solution's answers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lengthwise.data.problem import Report
from lengthwise.data.sources.text.code_defects import DEFECTS
from lengthwise.data.sources.text.code_problems import CodeProblem
from lengthwise.evaluation.code import Sample, judge
from lengthwise.evaluation.code_inputs import constants_of, more_inputs
from lengthwise.sandbox import Program, Result, Sandbox
from lengthwise.sandbox.values import ValueRefused, decode, encode

NUM_INPUTS = 300
SHARE = 0.2
"""Of the limit of CPU time that the reference may need for all more inputs: others may be several times as slow."""
_ASK = """
for arguments in CASES:
    try:
        FUNCTION(*arguments)
    except Exception:
        pass
"""
_COMPARE = '''

def _same(found, wanted):
    """Equal, floats to 1e-6; types of numbers apart from booleans don't matter, as in `==`."""
    if isinstance(wanted, float) and isinstance(found, (int, float)) and not isinstance(found, bool):
        both_nan = found != found and wanted != wanted
        return both_nan or found == wanted or abs(found - wanted) <= 1e-6 * max(1, abs(wanted))
    if type(wanted) in (list, tuple) and type(found) is type(wanted):
        return len(found) == len(wanted) and all(map(_same, found, wanted))
    if type(wanted) is dict and type(found) is dict:
        return found.keys() == wanted.keys() and all(_same(found[key], wanted[key]) for key in wanted)
    if hasattr(wanted, "__next__"):
        return _same(list(found), list(wanted))
    return found == wanted

for _arguments, _wanted in map(_decode, _CASES):
    _found = FUNCTION(*_arguments)
    assert _same(_found, _wanted), f"FUNCTION{_arguments!r} must be {_wanted!r}, but is {_found!r}"[:1000]
'''


def extended(problems: Sequence[CodeProblem], sandbox: Sandbox, report: Report | None = None) -> dict[str, CodeProblem]:
    """Each problem with more tests; one of `DEFECTS`, or whose solution can't be asked over values, stays as it is."""
    found = {problem.task_id: problem for problem in problems}
    asked = [each for each in problems if each.solution and each.trust == "apart" and len(each.names) == 1]
    asked = [each for each in asked if each.task_id not in DEFECTS]
    seen = {task: result.calls for task, result in _calls(sandbox, ((each, each.checks) for each in asked))}
    inputs = {
        each.task_id: more_inputs(_arguments(seen[each.task_id]), NUM_INPUTS, constants_of(each.program(each.solution)))
        for each in asked
        if seen.get(each.task_id)
    }
    questions = [(each, _question(each, inputs[each.task_id])) for each in asked if inputs.get(each.task_id)]
    answers = [dict(_calls(sandbox, questions)) for _ in range(2)]
    for number, (problem, _) in enumerate(questions):
        if report:
            report("extending tests", number, len(questions))
        first, second = (dict(each[problem.task_id].calls) for each in answers)
        # A reference that answers one question in two ways can't be compared with.
        if first and all(second.get(arguments, value) == value for arguments, value in first.items()):
            cases = [(arguments, value) for arguments, value in first.items() if arguments in second]
            needed = answers[0][problem.task_id].cpu_seconds
            most = int(len(cases) * SHARE * sandbox.limits.cpu_seconds / max(needed, 1e-9))
            found[problem.task_id] = replace(problem, checks=problem.checks + _cases(problem.names[0], cases[:most]))
    return found


def judge_extended(
    problems: Sequence[CodeProblem],
    samples: Sequence[Sample],
    rows: Sequence[dict[str, object]],
    sandbox: Sandbox,
    output: Path,
    report: Report | None = None,
) -> list[dict[str, object]]:
    """Rows of the same samples with extended tests; what fails the given tests, `rows`, fails these and is not run."""
    harder = list(extended(problems, sandbox, report).values())
    chosen = [sample for sample, row in zip(samples, rows, strict=True) if row["passed"]]
    judged = {row["key"]: row for row in judge(harder, chosen, sandbox, output, report)}
    return [judged.get(row["key"], row) for row in rows]


def _calls(sandbox: Sandbox, checks: Iterable[tuple[CodeProblem, str]]) -> Iterator[tuple[str, Result]]:
    """What each problem's solution is asked by these checks, and answers; as they come."""
    programs = (
        (
            problem.task_id,
            Program(
                code=problem.program(problem.solution),
                checks=text,
                names=problem.names,
                prompt=problem.context,
                is_recorded=True,
            ),
        )
        for problem, text in checks
    )
    return sandbox.map(programs)


def _arguments(calls: Iterable[tuple[str, str]]) -> list[tuple[Any, ...]]:
    """The positional arguments of calls without named ones."""
    read: list[Any] = [decode(arguments) for arguments, _ in calls]
    return [arguments for arguments, named in read if not named]


def _question(problem: CodeProblem, inputs: Sequence[tuple[Any, ...]]) -> str:
    texts = []
    for arguments in inputs:
        try:
            texts.append(encode(arguments))
        except ValueRefused:
            continue
    ask = _ASK.replace("FUNCTION", problem.names[0])
    return f"from lengthwise.sandbox.values import decode\nCASES = [decode(each) for each in {texts!r}]\n{ask}"


def _cases(name: str, calls: Sequence[tuple[str, str]]) -> str:
    read: list[Any] = [(decode(arguments)[0], value) for arguments, value in calls]  # type: ignore[index]
    cases = [(encode(arguments), value) for arguments, value in read]
    head = "from lengthwise.sandbox.values import decode as _read\n"
    head += "def _decode(case): return _read(case[0]), _read(case[1])\n"
    return f"\n\n{head}_CASES = {cases!r}\n{_COMPARE.replace('FUNCTION', name)}"
