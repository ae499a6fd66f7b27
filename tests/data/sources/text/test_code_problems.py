import gzip
import json

import pytest

from lengthwise.data.codecs.code import gap
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.text import code_problems
from lengthwise.data.sources.text.code_problems import (
    CodeProblem,
    free_names,
    lines_to_fill,
    problem_of,
    read_problems,
)

HUMAN_EVAL = {
    "task_id": "H/0",
    "prompt": "def half(x):\n    return x / 2\n\ndef add(a, b):\n    '''The sum.'''\n",
    "entry_point": "add",
    "test": "def check(candidate):\n    assert candidate(1, 2) == 3",
    "canonical_solution": "    return a + b\n",
}
MBPP = {
    "task_id": 11,
    "text": "Write a function to add.",
    "code": "def add(a, b): return a + b",
    "test_list": ["assert add(1, 2) == 3", "assert add(math.inf, 1) == math.inf"],
    "test_setup_code": "import math",
}


def problem(record: dict) -> CodeProblem:
    found = problem_of(record, "here")
    assert isinstance(found, CodeProblem), found
    return found


def test_a_problem_in_human_evals_form_goes_on_with_its_prompt():
    found = problem(HUMAN_EVAL)
    assert found.names == ("add",) and found.checks.endswith("check(add)\n") and found.trust == "apart"
    assert (
        found.program(found.solution).endswith("'''The sum.'''\n    return a + b\n") and found.context == found.prompt
    )


def test_a_problem_in_mbpps_form_is_a_program_of_its_own():
    found = problem(MBPP)
    assert found.task_id == "11" and found.names == ("add",) and found.program(found.solution) == MBPP["code"]
    assert "Write a function to add.\nassert add(1, 2) == 3" in found.prompt and found.context == ""
    assert found.checks.startswith("import math\n")


def test_checks_of_a_class_run_with_it():
    record = HUMAN_EVAL | {"prompt": "class Stack:\n", "entry_point": "Stack"}
    assert problem(record).trust == "shared" and problem(MBPP | {"trust": "shared"}).trust == "shared"


def test_names_that_checks_neither_define_nor_import_are_the_programs():
    checks = (
        "import a.b\nfrom c import d as e\ndef g(h): return h\nfor i in f(1): assert k(i) == g(e) or [x for x in l]\n"
    )
    assert set(free_names(checks + "try: a\nexcept E as m: m\nlen(f)")) == {"f", "k", "l", "E"}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ([], "no task_id"),
        ({"prompt": ""}, "no task_id"),
        ({"task_id": 1, "prompt": "", "test": ""}, "neither prompt"),
        ({"task_id": 1, "test_list": []}, "neither prompt"),
        ({"task_id": 1, "test_list": ["assert ("]}, "tests that are no Python"),
    ],
)
def test_what_is_no_problem_is_named(record, reason):
    found = problem_of(record, "here")
    assert isinstance(found, Rejected) and found.reason.startswith(reason)


def test_files_may_be_packed(tmp_path):
    (tmp_path / "p.jsonl.gz").write_bytes(gzip.compress(json.dumps(HUMAN_EVAL).encode()))
    (tmp_path / "q.jsonl").write_text(json.dumps(HUMAN_EVAL) + "\n" + json.dumps(MBPP) + "\n")
    assert [each.task_id for each in read_problems(tmp_path / "p.jsonl.gz")] == ["H/0"]
    assert [each.task_id for each in read_problems(tmp_path / "q.jsonl")] == ["H/0", "11"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must hold at least one problem, but is empty"),
        (b'{"task_id": 1', "`p.jsonl:1` must hold a problem in HumanEval's or MBPP's form, but has invalid JSON"),
        (b"\xff\n", "invalid UTF-8"),
        (2 * (json.dumps(MBPP).encode() + b"\n"), "`11` stands twice in p.jsonl:2"),
    ],
)
def test_a_file_of_problems_must_be_whole(tmp_path, content, message):
    (tmp_path / "p.jsonl").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        read_problems(tmp_path / "p.jsonl")
    with pytest.raises(SourceError, match="must be there"):
        read_problems(tmp_path / "none.jsonl")


def test_a_broken_gzip_file_is_named(tmp_path):
    (tmp_path / "p.jsonl.gz").write_bytes(gzip.compress(b"x" * 1000)[:20])
    with pytest.raises(SourceError, match="must be a gzip file"):
        read_problems(tmp_path / "p.jsonl.gz")


@pytest.mark.packages
def test_human_eval_has_164_problems():
    try:
        found = code_problems.human_eval()
    except SourceError as error:
        pytest.skip(f"human-eval is not to be had: {error}")
    assert len(found) == 164 and found[0].task_id == "HumanEval/0" and all(each.solution for each in found)
    assert all(each.trust == "apart" for each in found)


def test_every_line_of_a_solution_is_a_gap_to_fill():
    whole = problem(HUMAN_EVAL | {"canonical_solution": "    c = a\n\n    c += b\n    return c"})
    found = lines_to_fill([whole, problem(MBPP)])
    assert [each.task_id for each in found] == ["H/0/line-1", "H/0/line-3", "H/0/line-4"]
    assert all(each.program(each.solution) == whole.program(whole.solution) for each in found)
    assert found[1].solution == "    c += b" and found[1].context == whole.prompt
    assert found[1].question == gap(f"{whole.prompt}    c = a\n\n", "\n    return c")
    assert whole.question == whole.prompt
