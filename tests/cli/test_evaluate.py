import json

import pytest

from lengthwise.cli.evaluate import _spread, command


def test_scores_are_printed_and_what_is_teacher_forced_is_labelled(tiny_run, capsys):
    command(tiny_run, ["beam=1"], "test")
    shown = capsys.readouterr().out
    assert shown.startswith("test: ")
    assert "\n  BLEU " in shown and "\n  chrF " in shown and "nrefs:1" in shown
    assert "perplexity per token (teacher-forced) " in shown
    assert "reference" not in shown


def test_samples_are_as_many_as_asked_for(tiny_run, capsys):
    command(tiny_run, ["decode.beam=1"], "test", samples=2)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[:7] if line] == [
        *("source", "reference", "hypothesis") * 2
    ]


def test_the_figures_are_written(tiny_run, tmp_path, capsys):
    command(tiny_run, ["beam=1"], "validation", output=tmp_path / "figures.json")
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["split"] == "validation" and figures["rows"] > 0
    assert [score["name"] for score in figures["scores"]] == ["BLEU", "chrF"]
    assert figures["without_near_duplicates"]["rows"] <= figures["rows"]
    assert figures["teacher_forced"]["perplexity_per_token"] > 1


@pytest.mark.parametrize(
    ("count", "num_rows", "rows"),
    [(0, 9, []), (1, 9, [0]), (3, 9, [0, 3, 6]), (4, 10, [0, 2, 5, 7]), (10, 10, list(range(10))), (99, 3, [0, 1, 2])],
)
def test_samples_are_spread_evenly(count, num_rows, rows):
    assert _spread(count, num_rows) == rows


@pytest.mark.parametrize(
    ("words", "split", "message"),
    [
        (["test"], "validation", "`test` must be `path=value`"),
        (["beam=0"], "test", "`decode.beam` must be at least 1, but is 0"),
        ([], "tset", "`split` must be one of train, validation, test"),
        ([], "train", "`split` must be validation or test"),
    ],
)
def test_a_mistake_is_said(tiny_run, words, split, message):
    with pytest.raises(ValueError, match=message):
        command(tiny_run, words, split)


def test_a_file_that_cannot_be_written_is_said_first(tmp_path):
    with pytest.raises(ValueError, match="`--json .*folder that exists"):
        command(tmp_path / "no run", output=tmp_path / "missing" / "figures.json")


def test_a_run_without_inputs_is_scored_by_its_likelihood_and_by_position(language_run, tmp_path, capsys):
    command(language_run, [], "test", output=tmp_path / "figures.json")
    shown = capsys.readouterr().out
    assert "bits per byte " in shown and "perplexity per word " in shown
    assert json.loads((tmp_path / "figures.json").read_text())["teacher_forced"]["bits_per_byte"] > 0
    command(language_run, [], "validation", is_by_position=True, length=128, output=tmp_path / "curve.json")
    assert "loss by position" in capsys.readouterr().out
    assert (language_run / "by-position-validation.png").is_file()
    assert json.loads((tmp_path / "curve.json").read_text())["begins"][-1] == 64


def test_rows_with_inputs_have_no_other_length(tiny_run):
    with pytest.raises(ValueError, match="`--length` must not be given"):
        command(tiny_run, [], "validation", is_by_position=True, length=128)
