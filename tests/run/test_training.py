import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lengthwise import run

FILES = ("translation.files", "transformer.tiny")


def copied(run_directory: Path, tmp_path: Path) -> Path:
    return shutil.copytree(run_directory, tmp_path / "copy")


def test_the_same_experiment_again_trains_no_further(tiny_run, tiny_settings, tmp_path):
    copy = copied(tiny_run, tmp_path)
    outcome = run.train(run.experiment_of(None, *FILES, tiny_settings), copy)
    assert (outcome.reason, outcome.progress.step) == ("finished", 60)


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
