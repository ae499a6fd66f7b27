import json

import pytest
from isolation import sandbox_of

from lengthwise.cli.code_eval import command

PROBLEM = {"task_id": "T/1", "prompt": "def f(x):\n", "entry_point": "f", "test": "def check(c):\n    assert c(1) == 2"}


@pytest.fixture
def problems(tmp_path):
    sandbox_of("namespaces").close()
    (tmp_path / "p.jsonl").write_text(json.dumps(PROBLEM) + "\n")
    return tmp_path / "p.jsonl"


def run(problems, lines, **options):
    samples = problems.with_name("s.jsonl")
    samples.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command(
        **(
            {"samples": samples, "problems": problems, "output": None, "ks": "", "cpu_seconds": 5.0, "workers": 1}
            | options
        )
    )


def sample(text: str) -> dict[str, str]:
    return {"task_id": "T/1", "completion": f"    return {text}"}


def test_samples_are_judged_and_the_rest_is_named(problems, capsys):
    run(problems, [sample("x + 1"), sample("x"), {"task_id": "T/9", "completion": ""}])
    shown = capsys.readouterr().out
    assert "2 samples of 1 problems, tier namespaces" in shown and "1 passed, 1 failed" in shown
    assert "left out: 1 x an unknown task_id (s.jsonl:3)" in shown and "pass@1 50.00" in shown
    rows = [json.loads(line) for line in problems.with_name("s_results.jsonl").read_text().splitlines()]
    assert sorted(row["passed"] for row in rows) == [False, True]


def test_k_must_be_a_number_of_samples_there_are(problems):
    with pytest.raises(ValueError, match="`--k` must be numbers above 0"):
        run(problems, [sample("x")], ks="one")
    with pytest.raises(ValueError, match="pass@2 needs 2 samples"):
        run(problems, [sample("x")], ks="1,2")
