import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lengthwise.metrics.bleu import bleu, chrf

METRICS = {"bleu": bleu, "chrf": chrf}


def translations(num_rows: int) -> tuple[list[str], list[str]]:
    """References, and hypotheses that lack a fifth of the words."""
    generator = random.Random(0)
    words = ["".join(generator.choices("abcdefghij", k=generator.randrange(2, 9))) for _ in range(500)]
    references = [" ".join(generator.choices(words, k=generator.randrange(3, 25))) + "." for _ in range(num_rows)]
    hypotheses = [" ".join(w for w in text.split() if generator.random() > 0.2) for text in references]
    return hypotheses, references


@pytest.mark.parametrize("name", METRICS)
def test_figure_and_signature_equal_those_of_sacrebleus_own_command(tmp_path: Path, name):
    hypotheses, references = translations(50)
    (tmp_path / "hypotheses").write_text("\n".join(hypotheses) + "\n")
    (tmp_path / "references").write_text("\n".join(references) + "\n")
    command = [sys.executable, "-m", "sacrebleu", "references", "-i", "hypotheses", "-w", "6", "-f", "text", "-m", name]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    score = METRICS[name](hypotheses, references, has_interval=False)
    assert f"|{score.signature} = {score.value:.6f}" in printed


@pytest.mark.parametrize("metric", METRICS.values())
def test_the_interval_holds_the_figure_and_is_the_same_every_time(metric):
    hypotheses, references = translations(200)
    score = metric(hypotheses, references)
    assert score == metric(hypotheses, references)
    assert score.low < score.value < score.high < score.low + 10
    assert "bs:1000|seed:12345" in score.signature


@pytest.mark.parametrize("metric", METRICS.values())
def test_a_perfect_answer_scores_a_hundred_and_an_empty_one_nothing(metric):
    _, references = translations(20)
    assert metric(references, references).value == pytest.approx(100)
    assert metric([""] * 20, references).value == 0


@pytest.mark.parametrize("metric", METRICS.values())
@pytest.mark.parametrize(("hypotheses", "references"), [([], []), (["a"], ["a", "b"])])
def test_lists_that_do_not_match_are_refused(metric, hypotheses, references):
    with pytest.raises(ValueError, match="must"):
        metric(hypotheses, references)


def test_large_test_sets_are_resampled_less_often():
    assert "bs:200|" in bleu(*translations(10_000)).signature


@pytest.mark.slow
@pytest.mark.parametrize("metric", METRICS.values())
def test_two_thousand_rows_take_a_few_seconds(metric):
    hypotheses, references = translations(2000)
    began = time.process_time()
    metric(hypotheses, references)
    assert time.process_time() - began < 6


def test_importing_metrics_loads_neither_torch_nor_sacrebleu():
    script = "import sys, lengthwise.metrics.bleu; print(sorted({'torch', 'sacrebleu'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "[]"


def test_an_interval_exists_where_some_resamples_match_nothing():
    score = chrf(["rot"] + ["xyz"] * 12, ["rot"] + ["abc"] * 12)
    assert score.low is not None and score.high is not None
    assert 0 <= score.low <= score.value <= score.high <= 100
