import pytest
from isolation import sandbox_of

from lengthwise.evaluation.code_scores import Tally, best, by_temperature, is_python, wanted
from lengthwise.sandbox import Program


def row(task: str, verdict: str, temperature: float | None = None) -> dict[str, object]:
    return {"task_id": task, "verdict": verdict, "passed": verdict == "passed", "temperature": temperature}


def test_what_was_refused_is_counted_apart_and_pass_at_k_is_over_the_rest():
    verdicts = [("a", "passed"), ("a", "failed"), ("a", "refused"), ("b", "timed out"), ("b", "memory")]
    tally = Tally.of([row(*each) for each in verdicts])
    assert (tally.num_samples, tally.num_right, tally.num_refused) == ({"a": 2, "b": 2}, {"a": 1, "b": 0}, 1)
    assert [tally.score(k).value for k in (1, 2)] == [25.0, 50.0]
    with pytest.raises(ValueError, match="pass@3 needs 3 samples of every problem, but 2 have fewer .such as a with 2"):
        tally.score(3)


def test_the_usual_ks_are_those_there_are_samples_for():
    tally = Tally.of([row("a", "passed")] * 12 + [row("b", "failed")] * 11)
    assert wanted([], [tally]) == [1, 10] and wanted([5], [tally]) == [5] and wanted([], []) == []


def test_each_k_has_its_best_temperature():
    cold = [row("a", "passed", 0.2), row("a", "passed", 0.2), row("b", "failed", 0.2), row("b", "failed", 0.2)]
    warm = [row("a", "passed", 0.8), row("a", "failed", 0.8), row("b", "passed", 0.8), row("b", "failed", 0.8)]
    tallies = by_temperature(cold + warm[:3] + [row("b", "failed", 0.8)])
    assert best(tallies, 2) == (0.8, tallies[0.8].score(2)) and tallies[0.8].score(2).value == 100
    assert tallies[0.2].score(2).value == 50


def test_models_are_compared_over_the_problems_that_both_have():
    ours = Tally.of([row("a", "passed"), row("b", "passed"), row("c", "failed")])
    theirs = Tally.of([row("a", "passed"), row("b", "failed"), row("d", "passed")])
    found = ours.against(theirs, 1)
    assert found.value == 50.0 and found.name == "pass@1, difference over 2 problems"
    with pytest.raises(ValueError, match="must hold results of the same problems"):
        ours.against(Tally.of([row("z", "passed")]), 1)


def test_what_could_not_be_parsed_is_told_from_what_went_wrong():
    texts = ["def f(:", "def f():\n x=1\n  y", "x = '''", "x = 1\0", "def f(): return 1", "1 / 0", "raise SyntaxError"]
    with sandbox_of("namespaces", workers=1) as sandbox:
        results = [sandbox.run(Program(code=text, checks="assert f() == 1", names=("f",))) for text in texts]
    rows = [{"verdict": each.verdict, "message": each.message} for each in results]
    assert [is_python(row) for row in rows] == [False] * 4 + [True] * 3
