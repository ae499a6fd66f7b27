import os
import signal
from pathlib import Path
from typing import Any

import pytest
import typer

from lengthwise.cli.train import command, directory_of
from lengthwise.training.logs import Logs

FILES: dict[str, Any] = {"problem": "translation.files", "model": "transformer.tiny"}


def words(settings: dict[str, str]) -> list[str]:
    return [f"{path}={value}" for path, value in settings.items()]


def test_a_run_is_trained_and_the_same_command_again_finds_it_finished(tiny_settings, tmp_path, capsys):
    short = words(tiny_settings | {"train.steps": "2", "train.validate_every": "0"})
    command(tmp_path / "run", short, **FILES)
    assert "Training finished at step 2" in capsys.readouterr().err
    rows = (tmp_path / "run" / "metrics.jsonl").read_bytes()
    command(tmp_path / "run", short, **FILES)
    assert "Resumed from step-00000002" in capsys.readouterr().err
    assert (tmp_path / "run" / "metrics.jsonl").read_bytes() == rows


def test_a_run_that_is_not_told_where_is_named_after_what_is_trained(tiny_settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command(None, words(tiny_settings | {"train.steps": "1", "train.validate_every": "0"}), **FILES)
    assert (tmp_path / "runs" / "translation.files-transformer.tiny" / "metrics.jsonl").is_file()
    assert directory_of("translation.demo", None, None) == Path("runs/translation.demo")
    assert directory_of("mine:demo", None, None) == Path("runs/mine.demo")


def test_a_finished_run_is_trained_on_when_asked(tiny_settings, tmp_path, capsys):
    short = tiny_settings | {"train.steps": "2", "train.validate_every": "0"}
    command(tmp_path / "run", words(short), **FILES)
    longer = words(short | {"train.steps": "3"})
    with pytest.raises(ValueError, match="--extend"):
        command(tmp_path / "run", longer, **FILES)
    command(tmp_path / "run", longer, **FILES, extend=True)
    assert "Training finished at step 3" in capsys.readouterr().err


def test_a_wrong_directory_is_refused_before_data_is_prepared(tmp_path):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(ValueError, match="holds other files"):
        command(tmp_path, ["data.source=missing.tsv"], **FILES)


def test_an_interrupted_run_has_the_exit_code_of_one(tiny_settings, tmp_path, monkeypatch):
    def interrupt(self: Logs, *row: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Logs, "step", interrupt)
    with pytest.raises(typer.Exit) as end:
        command(tmp_path / "run", words(tiny_settings | {"train.steps": "500"}), **FILES)
    assert end.value.exit_code == 130
    assert [path.name for path in (tmp_path / "run" / "checkpoints").iterdir()] == ["step-00000001"]
