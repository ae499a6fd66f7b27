import importlib.util
from pathlib import Path

import pytest
from test_launchers import WORDS, lengthwise

from lengthwise.launch.launchers import Job
from lengthwise.launch.on_slurm import Task, submit
from lengthwise.run import experiment_of

HAS_SUBMITIT = importlib.util.find_spec("submitit") is not None
needs_submitit = pytest.mark.skipif(
    not HAS_SUBMITIT, reason="submitit is not installed: pip install 'lengthwise[slurm]'"
)


@pytest.mark.slow
@needs_submitit
def test_a_job_runs_as_tasks_of_a_cluster(tmp_path: Path):
    run = str(tmp_path / "run")
    done = lengthwise("train", *WORDS, "--run", run, "--launcher", "slurm", "--workers", "2", "cluster.cluster=local")
    assert done.returncode == 0, done.stderr
    said = "".join(log.read_text() for log in (tmp_path / "run" / "launch").glob("*.err"))
    assert said.count("Training finished at step 4") == 1


@pytest.mark.slow
@needs_submitit
def test_what_fails_there_is_told_here(tmp_path: Path):
    words = [*WORDS, "parallel.mode=fsdp", "parallel.shard=3", "--run", str(tmp_path / "run")]
    done = lengthwise("train", *words, "--launcher", "slurm", "--workers", "2", "cluster.cluster=local")
    assert done.returncode == 2 and "must end well, but failed" in done.stderr
    assert "`parallel.shard` must divide" in done.stderr


@needs_submitit
def test_workers_are_shared_out_over_nodes(tmp_path: Path):
    experiment = experiment_of("algorithmic.reverse", None, None, {})
    with pytest.raises(ValueError, match="multiple of the 2 nodes, but is 3"):
        submit(Job(experiment=experiment, path=tmp_path, workers=3, cluster={"cluster": "local", "nodes": 2}))


@needs_submitit
def test_a_job_that_is_taken_away_comes_back_as_it_was():
    task = Task({"path": "runs/x"})
    again = task.checkpoint()
    assert again.function.job == {"path": "runs/x"}  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.skipif(HAS_SUBMITIT, reason="submitit is installed")
def test_without_submitit_the_extra_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match=r"pip install 'lengthwise\[slurm\]'"):
        submit(Job(experiment=experiment_of("algorithmic.reverse", None, None, {}), path=tmp_path))
