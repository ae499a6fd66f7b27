"""SLURM through submitit: one task a process, started again where the cluster takes the machine back."""

from collections.abc import Mapping
from typing import Any

from lengthwise.launch.launchers import LOGS, Job, described, missing
from lengthwise.launch.process import train_described
from lengthwise.world import FailedElsewhere


class Task:
    """What each process of a job does."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        self.job = dict(job)

    def __call__(self) -> str:
        """Tell torch who this process is, and train."""
        import submitit

        submitit.helpers.TorchDistributedEnvironment().export(set_cuda_visible_devices=False)
        return train_described(self.job).reason

    def checkpoint(self) -> object:
        """Asked for before the job is taken away: the same again, which resumes."""
        import submitit

        return submitit.helpers.DelayedSubmission(self)


def submit(job: Job) -> bool:
    """Queue the job and wait for its end; its logs lie in the run's folder `launch`.

    `job.cluster` holds submitit's parameters (`nodes`, `timeout_min`, `slurm_partition`, ...); `cluster=local` runs it
    on this machine.
    """
    try:
        import submitit
        from submitit.core.utils import FailedJobError, UncompletedJobError
    except ImportError:
        raise missing("submitit", "slurm") from None
    parameters = dict(job.cluster)
    executor = submitit.AutoExecutor(job.path / LOGS, cluster=parameters.pop("cluster", None))
    nodes = int(parameters.setdefault("nodes", 1))
    if job.workers % nodes:
        raise ValueError(f"`--workers` must be a multiple of the {nodes} nodes, but is {job.workers}.")
    executor.update_parameters(tasks_per_node=job.workers // nodes, **parameters)
    submitted = executor.submit(Task(described(job)))
    try:
        return set(submitted.results()) <= {"finished", "stopped early"}
    except (UncompletedJobError, FailedJobError) as error:
        raise ValueError(
            f"The job {submitted.job_id} must end well, but failed: {_reason(submitted) or error}"
        ) from None


def _reason(submitted: Any) -> str:
    """What the tasks wrote last: of the one that failed by itself, not because another did."""
    texts = [submitted.task(number).stderr() or "" for number in range(submitted.num_tasks)]
    lasts = [text.strip().splitlines()[-1].strip() for text in texts if text.strip()]
    return next((line for line in lasts if FailedElsewhere.__name__ not in line), "")
