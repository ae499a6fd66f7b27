"""How many wrong programs extended tests find out: HumanEval's solutions with one operator changed.

    python benchmarks/mutants.py [--show]

Mutants that pass the given tests are asked the extended ones. `--show`: the lines of those that pass both.
Many of these do what the reference does, and nothing can tell them apart; docs/results.md names them.
"""

import argparse
import ast
import difflib

from lengthwise.data.sources.text.code_defects import DEFECTS
from lengthwise.data.sources.text.code_problems import CodeProblem, human_eval
from lengthwise.evaluation.code_extended import extended
from lengthwise.evaluation.code_mutants import mutants
from lengthwise.sandbox import Limits, Program, Sandbox

Mutant = tuple[CodeProblem, str]


def passing(sandbox: Sandbox, chosen: list[Mutant]) -> list[int]:
    """The numbers of the mutants that pass the tests of their problems."""
    programs = (
        (number, Program(code=text, checks=problem.checks, names=problem.names, prompt=problem.context))
        for number, (problem, text) in enumerate(chosen)
    )
    return sorted(number for number, result in sandbox.map(programs) if result.is_passed)


def difference(problem: CodeProblem, text: str) -> str:
    """The changed line, as it is and as it was."""
    before = ast.unparse(ast.parse(problem.program(problem.solution))).splitlines()
    lines = [line for line in difflib.ndiff(before, text.splitlines()) if line[0] in "+-"]
    return f"{problem.task_id}\n  " + "\n  ".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true")
    show = parser.parse_args().show
    problems = human_eval()
    every = [
        (problem, text) for problem in problems for text in mutants(problem.program(problem.solution), problem.names[0])
    ]
    with Sandbox(limits=Limits(cpu_seconds=3.0)) as sandbox:
        harder = extended(problems, sandbox)
        canonical = [(each, each.program(each.solution)) for each in harder.values()]
        print(f"{len(passing(sandbox, canonical))} of {len(canonical)} references pass the extended tests")
        alive = [every[number] for number in passing(sandbox, every)]
        asked = [(harder[problem.task_id], text) for problem, text in alive]
        left = [alive[number] for number in passing(sandbox, asked)]
    print(f"{len(every)} mutants, {len(alive)} pass the given tests, {len(left)} the extended ones too")
    known = [[each for each in some if each[0].task_id in DEFECTS] for some in (alive, left)]
    print(f"of problems with known defects, which are not extended: {len(known[0])} and {len(known[1])}")
    if show:
        print("\n".join(difference(*each) for each in left))


if __name__ == "__main__":
    main()
