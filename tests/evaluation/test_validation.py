from dataclasses import replace

import pytest

from lengthwise.data.batching import BatchConfig
from lengthwise.decoding.config import DecodeConfig
from lengthwise.evaluation.likelihood import likelihood
from lengthwise.evaluation.validation import NUM_SAMPLES, validation
from lengthwise.metrics.score import Score
from lengthwise.run import problem_of

BEAM = DecodeConfig()


class Recorder:
    """A metric that keeps what it was given."""

    def __init__(self) -> None:
        self.seen: list[tuple[list[str], list[str]]] = []

    def __call__(self, hypotheses, references) -> Score:
        self.seen.append((list(hypotheses), list(references)))
        return Score("rows", float(len(hypotheses)))


@pytest.fixture
def figures_of(trained, prepared, tmp_path):
    def make(metrics, num_rows=4, decode=BEAM):
        problem = replace(problem_of(trained.experiment), metrics=metrics)
        return validation(prepared, problem, decode, trained.runtime, num_rows, tmp_path / "samples")

    return make


def test_the_score_is_the_first_metric_and_every_figure_is_named(figures_of, trained):
    figures = figures_of({"rows": Recorder(), "other": lambda h, r: Score("other", -1.0)})(trained.model, 7)
    assert (figures["score"], figures["rows"], figures["other"]) == (4.0, 4.0, -1.0)
    assert "nll (teacher-forced)" in figures


def test_without_a_metric_the_likelihood_is_the_score(figures_of, trained, prepared):
    nll = likelihood(trained.model, prepared.split("validation"), BatchConfig(), trained.runtime).nll
    figures = figures_of({})(trained.model, 1)
    assert figures == {"score": pytest.approx(-nll), "nll (teacher-forced)": pytest.approx(nll)}


@pytest.mark.parametrize("num_rows", [1, 4, 0, 10_000])
def test_the_rows_are_always_the_same_and_evenly_spread(figures_of, trained, prepared, num_rows):
    recorder, split = Recorder(), prepared.split("validation")
    check = figures_of({"rows": recorder}, num_rows)
    check(trained.model, 1)
    check(trained.model, 2)
    (_, first), (_, second) = recorder.seen
    assert first == second
    assert len(first) == (min(num_rows, len(split)) or len(split))
    if num_rows == 4:
        assert (first[0], first[-1]) == (split.texts(0)[1], split.texts(len(split) - 1)[1])


def test_decodes_are_greedy_whatever_the_run_decodes_with(figures_of, trained, prepared):
    recorder = Recorder()
    figures_of({"rows": recorder}, 0, DecodeConfig(beam=3, num_return=3))(trained.model, 1)
    split = prepared.split("validation")
    sources = [split.texts(row)[0] for row in range(len(split))]
    assert recorder.seen[0][0] == trained.decode(sources, method="greedy")


def test_samples_stand_beside_their_references(figures_of, trained, tmp_path):
    figures_of({}, num_rows=0)(trained.model, 30)
    text = (tmp_path / "samples" / "step-00000030.txt").read_text()
    lines = text.splitlines()
    assert text.count("source     ") == min(NUM_SAMPLES, text.count("hypothesis")) > 1
    assert (lines[0].split()[0], lines[1].split()[0], lines[2].split()[0]) == ("source", "reference", "hypothesis")
