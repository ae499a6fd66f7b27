import shutil
from pathlib import Path

import pytest

from lengthwise import run
from lengthwise.models.transformer import TransformerConfig

FILES = ("translation.files", "transformer.tiny")


def copied(run_directory: Path, tmp_path: Path) -> Path:
    return shutil.copytree(run_directory, tmp_path / "copy")


def test_a_recipe_is_an_experiment_and_changes_apply():
    found = run.experiment_of("translation.demo", None, None, {"model.d_ff": "64", "data.max_length": "32"})
    assert isinstance(found.model, TransformerConfig)
    assert (found.model.d_ff, found.data["max_length"]) == (64, 32)


def test_the_changes_that_were_given_stay_as_they_are(tiny_settings):
    before = dict(tiny_settings)
    run.experiment_of(None, *FILES, tiny_settings)
    assert tiny_settings == before


def test_steps_go_before_a_recipes_minutes():
    assert run.experiment_of("translation.demo", None, None, {"train.steps": "9"}).train.minutes is None
    assert run.experiment_of("translation.demo", None, None, {}).train.minutes is not None


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((None, None, None), "A recipe, or `--problem` and `--model`, must be given"),
        ((None, "translation.files", None), "`--model` must be given"),
        ((None, None, "transformer.tiny"), "`--problem` must be given"),
        (("translation.demo", "translation.files", None), "`translation.demo` must stand alone"),
        ((None, "translation.files", "outside:problem"), "must return a `ModelConfig`.* but returns a `dict`"),
        (("outside:problem", None, None), "must return a `Experiment`.* but returns a `dict`"),
    ],
)
def test_what_is_no_experiment_is_refused(names, message, tmp_path, monkeypatch):
    (tmp_path / "outside.py").write_text("def problem():\n    return {}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ValueError, match=message):
        run.experiment_of(names[0], names[1], names[2], {})


def test_a_problem_from_outside_must_be_one(tmp_path, monkeypatch):
    (tmp_path / "outside_problem.py").write_text("def words():\n    return 3\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    experiment = run.experiment_of(None, "outside_problem:words", "transformer.tiny", {})
    with pytest.raises(ValueError, match="`outside_problem:words` must return a `Problem`"):
        run.problem_of(experiment)


def test_a_model_that_cannot_do_a_problem_is_refused_before_data_is_read(tmp_path, monkeypatch):
    (tmp_path / "unconditional.py").write_text(
        "from dataclasses import replace\n"
        "from lengthwise.data.problem import Problem\n"
        "from lengthwise.problems import translation\n"
        "def texts():\n"
        "    return replace(translation.files(source='missing.tsv'), inputs=None)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    experiment = run.experiment_of(None, "unconditional:texts", "diagonal_neural_gpu.tiny", {})
    with pytest.raises(ValueError, match="`unconditional:texts` x `DiagonalNeuralGPUConfig` can't work"):
        run.prepare_data(experiment)


def test_auto_is_resolved_so_that_a_resumed_run_computes_the_same(tiny_settings):
    auto = run.experiment_of(None, *FILES, tiny_settings | {"precision": "auto"})
    assert run.resolved(auto).precision in ("fp32", "bf16")
