"""Starts one training as several processes: on this machine, on a SLURM cluster, on a Ray cluster."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lengthwise import config
from lengthwise.recipes.experiment import Experiment
from lengthwise.training.checkpoint import write_durably

LAUNCHERS = ("torchrun", "slurm", "ray")
LOGS = "launch"
"""The run's folder for what a cluster writes."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A training to be started."""

    experiment: Experiment
    path: Path
    is_extended: bool = False
    workers: int = 1
    """Processes in all."""
    cluster: Mapping[str, Any] = field(default_factory=dict)
    """What the cluster is asked for, in its own words."""


def launch(launcher: str, job: Job) -> bool:
    """Start the job and wait for its end; whether it ended well. It says itself what went wrong.

    ValueError for an unknown launcher, or one that is not installed.
    """
    if launcher == "torchrun":
        return _torchrun(job)
    if launcher == "slurm":
        from lengthwise.launch.on_slurm import submit

        return submit(job)
    if launcher == "ray":
        from lengthwise.launch.on_ray import run_together

        return run_together(job)
    raise ValueError(f"`--launcher` must be one of {', '.join(LAUNCHERS)}, but is `{launcher}`.")


def described(job: Job) -> dict[str, Any]:
    """The job as plain data, for `process.train_described`."""
    return {
        "experiment": config.to_json(job.experiment),
        # Processes elsewhere may begin in another directory.
        "path": str(job.path.absolute()),
        "is_extended": job.is_extended,
    }


def _torchrun(job: Job) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "job.json"
        write_durably(file, json.dumps(described(job)))
        options = ["--nproc-per-node", str(job.workers), "--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0"]
        command = [
            sys.executable,
            "-m",
            "torch.distributed.run",
            *options,
            "-m",
            "lengthwise.launch.process",
            str(file),
        ]
        threads = {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // job.workers))}
        return _ran(subprocess.Popen(command, env=threads | os.environ)) == 0


def _ran(process: subprocess.Popen[bytes]) -> int:
    """The exit status, once the process has ended; it is told when this one is to stop, and saves what it has."""
    before = signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
    try:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                # The terminal tells both.
                continue
    finally:
        signal.signal(signal.SIGTERM, before)


def missing(package: str, extra: str) -> ValueError:
    """What a user is told who lacks what a launcher needs."""
    return ValueError(
        f"`--launcher {extra}` must have the package `{package}`, but it is not installed. "
        f"Install it with `pip install 'lengthwise[{extra}]'`."
    )
