import json
from itertools import islice

import pytest
from isolation import sandbox_of
from small_data import rows_of

from lengthwise.cli.code_eval import command
from lengthwise.data.codecs.code import PREFIX, SUFFIX, CodeSubwords
from lengthwise.data.sources.text.gaps import WithGaps
from lengthwise.data.sources.text.python_projects import PythonProjects
from lengthwise.decoding.stops import cut
from lengthwise.problems.code import python
from lengthwise.run import experiment_of, load, train

SETTINGS = {
    "data.against": "[]", "data.vocabulary_size": "400", "data.max_length": "64", "model.d_model": "32",
    "model.d_ff": "64", "model.num_heads": "2", "model.num_key_heads": "2", "model.num_layers": "1",
    "batch.tokens": "512", "precision": "fp32", "train.steps": "60", "train.validate_every": "0",
}  # fmt: skip


def test_it_is_declared_without_reading_anything():
    problem = python(packages=["toolz==1.0.0"], max_length=512, vocabulary_size=500)
    assert isinstance(problem.source, WithGaps) and problem.source.rate == 0.5 and problem.is_cut
    assert problem.targets == CodeSubwords(500) and problem.licence.startswith("PSF-2.0")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run that has learned a little of one line."""

    def read(self):
        for row in rows_of(python(), tmp_path):
            yield {**row, "targets": f"def f(x):\n    return x + 1\n# {row['targets']}\n"}

    monkeypatch.setattr(PythonProjects, "read", read)
    monkeypatch.setattr(PythonProjects, "checksums", lambda self: {"made up": "0"})
    train(experiment_of(None, "code.python", "decoder.tiny", SETTINGS), tmp_path / "run")
    return tmp_path / "run"


def test_a_run_goes_on_with_programs_and_fills_their_lines(run, tmp_path, capsys):
    sandbox_of("namespaces").close()
    problem = {
        "task_id": "T/1",
        "prompt": "def f(x):\n",
        "entry_point": "f",
        "test": "def check(c):\n    assert c(1) == 2",
        "canonical_solution": "    y = x + 1\n\n    return y\n",
    }
    (tmp_path / "p.jsonl").write_text(json.dumps(problem) + "\n")
    given = dict.fromkeys(("samples", "output", "model", "server", "page")) | {"run": run}
    words = ["workers=1", "max_tokens=20", "num_samples=2", "temperatures=[0.8]"]
    command(words, **given, problems=str(tmp_path / "p.jsonl"))
    assert "2 samples of 1 of 1 problems" in capsys.readouterr().out
    command([*words, "infilling=true"], **given, problems=str(tmp_path / "p.jsonl"))
    assert "4 samples of 2 of 2 problems" in capsys.readouterr().out
    rows = [json.loads(line) for line in (run / "code-eval_lines.jsonl").read_text().splitlines()]
    assert {row["task_id"] for row in rows} == {"T/1/line-1", "T/1/line-3"}
    assert not any("\n" in row["completion"] for row in rows)


def test_a_completion_is_what_comes_behind_the_prompt(run):
    from lengthwise.evaluation.code_writers import Sampling

    prompts = ["def f(x):\n", "\n    ", "  x = '<eos>"]
    found = load(run).complete(prompts, Sampling(temperature=0.0, max_tokens=12))
    texts = load(run).decode(prompts, method="greedy", max_length=12)
    assert [prompt + text for prompt, text in zip(prompts, found, strict=True)] == texts


def test_texts_end_before_their_stops(run):
    prompts = ["def f(x):\n", "\n    ", "x = 1"]
    drawn = {"method": "sampling", "max_length": 40, "seed": 3}
    texts = load(run).decode(prompts, **drawn)
    stops = ("\n", "e")
    wanted = [prompt + cut(text.removeprefix(prompt), stops) for text, prompt in zip(texts, prompts, strict=True)]
    assert load(run).decode(prompts, stops=stops, **drawn) == wanted != texts
    with pytest.raises(ValueError, match="at least one character"):
        load(run).decode(prompts, stops=("",))


def test_a_gap_is_filled_between_two_texts(run, tiny_run):
    pairs = [("def f(x):\n    return", "\n"), ("", " x")]
    found = load(run).fill(pairs, method="greedy", max_length=8)
    assert len(found) == 2 and not any(mark in text for text in found for mark in (PREFIX, SUFFIX))
    with pytest.raises(ValueError, match="must be a run that learned to fill gaps"):
        load(tiny_run).fill(pairs)


@pytest.mark.slow
def test_no_row_has_a_solution_of_human_eval():
    from lengthwise.data.sources.text.code_problems import human_eval

    solutions = ["".join(problem.solution.split()) for problem in human_eval()]
    long = [each for each in solutions if len(each) > 80]
    rows = "\0".join("".join(str(row["targets"]).split()) for row in islice(_train(), None))
    assert len(long) > 80 and not [each for each in long if each in rows]


def _train():
    from lengthwise.data.problem import Rejected

    for row in python(fill_in_the_middle=0.0).source.read():
        if not isinstance(row, Rejected) and row["split"] == "train":
            yield row
