import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lengthwise import config
from lengthwise.launch.launchers import Job, described, launch
from lengthwise.recipes.experiment import Experiment
from lengthwise.run import experiment_of

WORDS = [
    "--problem", "algorithmic.copy", "--model", "transformer.tiny", "model.d_model=16", "model.d_ff=16",
    "model.num_heads=2", "data.max_length=6", "batch.tokens=64", "precision=fp32", "train.steps=4",
    "train.validate_every=4", "train.validate_rows=2",
]  # fmt: skip


def lengthwise(*words: str, cache: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command, with the tests' cache or another."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"} | ({"LENGTHWISE_CACHE": str(cache)} if cache else {})
    return subprocess.run([sys.executable, "-m", "lengthwise", *words], env=environment, capture_output=True, text=True)


def test_a_job_as_plain_data_is_the_same_job(tmp_path: Path):
    experiment = experiment_of("algorithmic.reverse", None, None, {})
    found = json.loads(json.dumps(described(Job(experiment=experiment, path=tmp_path, is_extended=True))))
    assert config.from_json(found["experiment"], Experiment) == experiment
    assert (found["path"], found["is_extended"]) == (str(tmp_path), True)


def test_an_unknown_launcher_is_answered_with_the_known_ones(tmp_path: Path):
    job = Job(experiment=experiment_of("algorithmic.reverse", None, None, {}), path=tmp_path)
    with pytest.raises(ValueError, match="`--launcher` must be one of torchrun, slurm, ray, but is `mpi`"):
        launch("mpi", job)


def test_torchrun_trains_on_two_processes(tmp_path: Path):
    done = lengthwise("train", *WORDS, "--run", str(tmp_path / "run"), "--launcher", "torchrun", "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert "Training finished at step 4" in done.stderr and done.stderr.count("step 4  validation") == 1


@pytest.mark.slow
def test_what_fails_there_fails_here(tmp_path: Path):
    words = [*WORDS, "parallel.mode=fsdp", "parallel.shard=3", "--run", str(tmp_path / "run")]
    done = lengthwise("train", *words, "--launcher", "torchrun", "--workers", "2")
    assert done.returncode != 0 and done.stderr.count("`parallel.shard` must divide") == 1
