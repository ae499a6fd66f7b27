import json
from dataclasses import replace

import pytest
import torch

from lengthwise import run
from lengthwise.recipes.experiment import Experiment
from lengthwise.run.batch_size import LEAST, MOST, with_tokens
from lengthwise.runtime import Runtime
from lengthwise.training.directory import RunDirectory
from lengthwise.world import World

WORDS = {"batch.tokens": "auto", "data.max_length": "30", "train.steps": "2", "train.validate_every": "0"}


def experiment(**changes: str) -> Experiment:
    return run.experiment_of(None, "algorithmic.copy", "transformer.tiny", {**WORDS, **changes})


def machine(gigabytes: float, size: int = 1) -> Runtime:
    class Sized(Runtime):
        memory = int(gigabytes * 2**30)  # pyright: ignore

    return Sized(device=torch.device("cpu"), compute_dtype=torch.float32, seed=0, world=World(size=size))


def test_more_memory_has_room_for_more_tokens_up_to_what_pays(tmp_path, capsys):
    found = [with_tokens(experiment(), RunDirectory(tmp_path), machine(size)).batch.budget for size in (0.1, 0.2, 64)]
    assert found == sorted(found) and found[0] < found[-1] == MOST["cpu"]
    assert f"batch.tokens=auto is {MOST['cpu']:,} for 1 x cpu." in capsys.readouterr().err


def test_processes_share_a_batch_as_large_as_all_have_room_for(tmp_path):
    one, two = (with_tokens(experiment(), RunDirectory(tmp_path), machine(64, size)) for size in (1, 2))
    assert two.batch.tokens == 2 * one.batch.tokens


def test_a_row_that_does_not_fit_is_refused(tmp_path):
    with pytest.raises(ValueError, match="One row of 31 tokens a side must fit in memory"):
        with_tokens(experiment(), RunDirectory(tmp_path), machine(0.01))


def test_what_was_found_is_kept_with_the_run_and_used_again(tmp_path):
    path = tmp_path / "run"
    small = {"model.d_model": "32", "model.num_heads": "2", "model.d_ff": "32"}
    run.train(experiment(**small), path)
    config = json.loads((path / "config.json").read_text())
    assert config["batch"]["tokens"] == MOST["cpu"] >= LEAST
    # Another number than this machine would find.
    config["batch"]["tokens"] = 512
    (path / "config.json").write_text(json.dumps(config))
    again = with_tokens(experiment(**small), RunDirectory(path), machine(64))
    assert again.batch.tokens == 512
    run.claim(replace(again, batch=replace(again.batch, tokens="auto")), path)
