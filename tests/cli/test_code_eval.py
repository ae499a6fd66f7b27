import json
from pathlib import Path
from typing import Any

import pytest
from isolation import sandbox_of

from lengthwise.cli.code_eval import command

PROBLEM = {"task_id": "T/1", "prompt": "def f(x):\n", "entry_point": "f", "test": "def check(c):\n    assert c(1) == 2"}


@pytest.fixture
def problems(tmp_path):
    sandbox_of("namespaces").close()
    (tmp_path / "p.jsonl").write_text(json.dumps(PROBLEM) + "\n")
    return tmp_path / "p.jsonl"


def run(problems, lines, *words, **options):
    samples = problems.with_name("s.jsonl")
    samples.write_text("".join(json.dumps(line) + "\n" for line in lines))
    given: dict[str, Any] = dict.fromkeys(("output", "run", "model", "server", "page"))
    given |= {"samples": samples, "problems": str(problems)}
    command(["workers=1", *words], **(given | options))


def sample(text: str, **more) -> dict[str, object]:
    return {"task_id": "T/1", "completion": f"    return {text}", **more}


def test_samples_are_judged_and_the_rest_is_named(problems, capsys):
    run(
        problems,
        [sample("x + 1"), sample("x"), {"task_id": "T/9", "completion": ""}],
        page=problems.with_name("p.html"),
    )
    shown = capsys.readouterr().out
    assert "2 samples of 1 of 1 problems, tier namespaces" in shown and "1 passed, 1 failed" in shown
    assert "left out: 1 x an unknown task_id (s.jsonl:3)" in shown and "pass@1 50.00" in shown
    rows = [json.loads(line) for line in problems.with_name("s_results.jsonl").read_text().splitlines()]
    assert sorted(row["passed"] for row in rows) == [False, True]
    assert "<b>T/1</b> 1 of 2 right" in problems.with_name("p.html").read_text()


def test_temperatures_are_told_apart_and_models_compared(problems, capsys):
    lines = [sample("x + 1", temperature=0.2), sample("x", temperature=0.8)]
    run(problems, lines, output=problems.with_name("a.jsonl"))
    run(problems, [sample("x")], f"against={problems.with_name('a.jsonl')}", output=problems.with_name("b.jsonl"))
    shown = capsys.readouterr().out
    assert "temperature 0.2: pass@1 100.00" in shown and "temperature 0.8: pass@1 0.00" in shown
    assert "best of 2 temperatures, 0.2: pass@1 100.00" in shown
    assert "pass@1, difference over 1 problems -100.00" in shown


@pytest.mark.parametrize(
    ("words", "options", "message"),
    [
        (["k=0"], {}, "`k` and `num_samples` must be at least 1"),
        (["workers=-1"], {}, "`workers` must be at least 0"),
        (["top_p=1.5"], {}, "`top_p` above 0 and at most 1"),
        ([], {"samples": Path(".")}, "`--samples` must be a file"),
        (["k=1,2"], {}, "pass@2 needs 2 samples"),
        (["runs/x"], {}, "must be `path=value`"),
        (["num_smples=2"], {}, "num_samples"),
        (["against=nowhere"], {}, "`against` must be a file of results"),
        (
            [],
            {"server": "http://127.0.0.1:9"},
            "One of --samples, --run, --model and --server must be .* 2 are",
        ),
        ([], {"samples": None}, "but 0 are"),
        (["infilling=true"], {}, "`infilling` needs problems with solutions"),
        (
            ["infilling=true"],
            {"samples": None, "server": "http://127.0.0.1:9", "output": Path("o")},
            "`infilling` must be false",
        ),
        ([], {"samples": None, "server": "http://127.0.0.1:9"}, "`--output` must be given"),
    ],
)
def test_mistakes_are_one_clear_line(problems, words, options, message):
    with pytest.raises(ValueError, match=message):
        run(problems, [sample("x")], *words, **options)


def test_a_server_that_gives_nothing_is_said_so(problems, capsys):
    with pytest.raises(ValueError, match="must hold at least one sample"):
        run(problems, [], samples=None, server="http://127.0.0.1:9", output=problems.with_name("o.jsonl"))
    assert "1 completions of 1 problems were not to be had" in capsys.readouterr().out
