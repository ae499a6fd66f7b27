from isolation import sandbox_of

from lengthwise.data.sources.text import stdlib_problems
from lengthwise.data.sources.text.stdlib_problems import SEEDS, stdlib
from lengthwise.sandbox import Program


def test_functions_are_problems_with_their_docstrings_as_prompts():
    found = {problem.task_id: problem for problem in stdlib()}
    assert 60 <= len(found) <= len(SEEDS)
    shown = found["stdlib/posixpath.splitext"]
    assert shown.prompt.startswith('def splitext(p):\n    """Split the extension from a pathname.')
    assert shown.names == ("splitext",) and "'a.tar', '.gz'" in shown.checks


def test_the_library_passes_and_nothing_fails():
    with sandbox_of("namespaces", workers=2) as sandbox:
        for completion, is_right in ((None, True), ("    return None\n", False)):
            programs = (
                (
                    each.task_id,
                    Program(code=each.program(completion or each.solution), checks=each.checks, names=each.names),
                )
                for each in stdlib()
            )
            assert [key for key, result in sandbox.map(programs) if result.is_passed is not is_right] == []


def test_what_this_python_does_not_have_is_left_out():
    assert stdlib_problems._problem("math.no_such_function", [(1,)]) is None
