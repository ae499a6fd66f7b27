import shutil
from pathlib import Path

import pytest

from lengthwise import run

FILES = ("translation.files", "transformer.tiny")


def copied(run_directory: Path, tmp_path: Path) -> Path:
    return shutil.copytree(run_directory, tmp_path / "copy")


def test_a_torn_config_is_named(tiny_run, tmp_path):
    copy = copied(tiny_run, tmp_path)
    (copy / "config.json").write_text('{"problem": ')
    with pytest.raises(ValueError, match="config.json` must be a run's config"):
        run.load(copy).decode(["red"])


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
