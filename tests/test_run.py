import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lengthwise import run
from lengthwise.contracts import EOS
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
    experiment = run.experiment_of(None, "unconditional:texts", "transformer.tiny", {})
    with pytest.raises(ValueError, match="`unconditional:texts` x `TransformerConfig` can't work"):
        run.prepare_data(experiment)


def test_a_run_holds_all_that_decoding_needs(tiny_run):
    assert {"config.json", "codecs", "checkpoints", "metrics.jsonl", "samples"} <= {p.name for p in tiny_run.iterdir()}


def test_a_run_decodes_each_text_in_order_without_its_data(tiny_run, tmp_path, monkeypatch):
    monkeypatch.setenv("LENGTHWISE_CACHE", str(tmp_path))
    trained = run.load(tiny_run)
    texts = ["red", "", "old new cold"]
    together = trained.decode(texts, max_length=5)
    assert together == [trained.decode([text], max_length=5)[0] for text in texts]
    assert together[1] == ""


def test_every_row_that_a_model_reads_ends_in_eos(tiny_run):
    assert [row[-1] for row in run.load(tiny_run)._encode(["red", "", " "])] == [EOS] * 3


def test_one_string_is_no_list_of_texts(tiny_run):
    with pytest.raises(ValueError, match="must be a list of strings"):
        run.load(tiny_run).decode("red")


def test_an_unknown_setting_of_decoding_is_answered_with_the_nearest(tiny_run):
    with pytest.raises(ValueError, match="Did you mean `beam`"):
        run.load(tiny_run).decode([], beem=2)


def test_a_directory_without_a_run_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must be a run directory"):
        run.load(tmp_path)


def test_a_run_without_a_checkpoint_says_so(tiny_run, tmp_path):
    copy = copied(tiny_run, tmp_path)
    shutil.rmtree(copy / "checkpoints")
    with pytest.raises(ValueError, match="must have a good checkpoint"):
        run.load(copy).decode(["red"])


def test_a_torn_config_is_named(tiny_run, tmp_path):
    copy = copied(tiny_run, tmp_path)
    (copy / "config.json").write_text('{"problem": ')
    with pytest.raises(ValueError, match="config.json` must be a run's config"):
        run.load(copy).decode(["red"])


def test_the_same_experiment_again_trains_no_further(tiny_run, tiny_settings, tmp_path):
    copy = copied(tiny_run, tmp_path)
    outcome = run.train(run.experiment_of(None, *FILES, tiny_settings), copy)
    assert (outcome.reason, outcome.progress.step) == ("finished", 60)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch.tokens": "512"}, "`batch.tokens` was 1024, is 512"),
        ({"seed": "1"}, "`seed` was 0, is 1"),
        ({"train.steps": "61"}, "--extend"),
    ],
)
def test_another_experiment_is_refused_with_the_difference(tiny_run, tiny_settings, change, message):
    with pytest.raises(ValueError, match=message):
        run.claim(run.experiment_of(None, *FILES, tiny_settings | change), tiny_run)


def test_how_a_run_decodes_may_change(tiny_run, tiny_settings):
    run.claim(run.experiment_of(None, *FILES, tiny_settings | {"decode.beam": "2"}), tiny_run)


def test_a_directory_with_other_files_is_refused(tiny_settings, tmp_path):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(ValueError, match="holds other files"):
        run.claim(run.experiment_of(None, *FILES, tiny_settings), tmp_path)


def test_a_file_is_no_run_directory(tiny_settings, tiny_pairs):
    with pytest.raises(ValueError, match="must be a run directory"):
        run.claim(run.experiment_of(None, *FILES, tiny_settings), tiny_pairs)


def test_a_run_killed_before_its_config_stood_can_begin_again(tiny_settings, tmp_path):
    (tmp_path / ".config.json.123.part").write_text("{")
    run.claim(run.experiment_of(None, *FILES, tiny_settings), tmp_path)


def test_data_of_another_vocabulary_is_not_trained_on(tiny_run, tiny_settings, tiny_pairs, tmp_path):
    """The file has changed behind the run's back: to its weights the same number would be another word."""
    copy, pairs = copied(tiny_run, tmp_path), tmp_path / "pairs.tsv"
    pairs.write_text(tiny_pairs.read_text().replace("cold", "frozen"))
    config = (copy / "config.json").read_text()
    (copy / "config.json").write_text(config.replace(str(tiny_pairs), str(pairs)))
    codecs = [path.read_bytes() for path in sorted((copy / "codecs").iterdir())]
    with pytest.raises(ValueError, match="its vocabulary is another"):
        run.train(run.experiment_of(None, *FILES, tiny_settings | {"data.source": str(pairs)}), copy)
    with pytest.raises(ValueError, match="its vocabulary is another"):
        run.load(copy).evaluate("test")
    assert [path.read_bytes() for path in sorted((copy / "codecs").iterdir())] == codecs


def test_auto_is_resolved_so_that_a_resumed_run_computes_the_same(tiny_settings):
    auto = run.experiment_of(None, *FILES, tiny_settings | {"precision": "auto"})
    assert run.resolved(auto).precision in ("fp32", "bf16")


def test_a_run_scores_a_split(tiny_run):
    found = run.load(tiny_run).evaluate("test", beam=1)
    assert [score.name for score in found.scores] == ["BLEU", "chrF"]
    assert found.likelihood.num_tokens > len(found.references)


def test_a_model_from_the_working_directory_is_found_by_the_installed_command(tiny_run, tmp_path):
    """`lengthwise` has no working directory on its path, unlike `python -m lengthwise`."""
    copy = copied(tiny_run, tmp_path)
    (tmp_path / "my_model.py").write_text(
        "from dataclasses import dataclass\n"
        "from lengthwise.models.transformer import TransformerConfig\n"
        "@dataclass(frozen=True, kw_only=True)\n"
        "class Mine(TransformerConfig):\n    pass\n"
    )
    config = json.loads((copy / "config.json").read_text())
    config["model"]["type"] = "my_model:Mine"
    (copy / "config.json").write_text(json.dumps(config))
    code = f"import sys; sys.path.remove(''); from lengthwise import load; print(load({str(copy)!r}).experiment.model)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.startswith("Mine("), done.stderr
