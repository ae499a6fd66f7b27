"""Ray: one training on several workers, many trainings side by side, and data prepared in parallel."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lengthwise.data.prepare import Tokens, Values, Work
from lengthwise.launch.launchers import LOGS, Job, described, missing
from lengthwise.launch.process import train_described
from lengthwise.launch.sweeps import Settings, Trial, run_trial
from lengthwise.recipes.experiment import Experiment


def run_together(job: Job) -> bool:
    """One training on `job.workers` workers of Ray Train; a GPU each where the cluster has any."""
    ray = _ray()
    from ray.train import RunConfig, ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer

    use_gpu = ray.cluster_resources().get("GPU", 0) > 0
    trainer = TorchTrainer(
        _worker,
        train_loop_config=described(job),
        scaling_config=ScalingConfig(num_workers=job.workers, use_gpu=use_gpu, **job.cluster),
        torch_config=TorchConfig(backend="cpu:gloo,cuda:nccl" if use_gpu else "gloo"),
        run_config=RunConfig(storage_path=str((job.path / LOGS).absolute())),
    )
    try:
        trainer.fit()
    except Exception as error:
        raise ValueError(f"The training on Ray must end well, but failed: {_reason(error)}") from None
    return True


def run_trials(jobs: Sequence[tuple[Experiment, Path, Settings]], workers: int) -> list[Trial]:
    """The trials of a sweep, as many at a time as there are workers."""
    ray = _ray()
    has = ray.cluster_resources()
    share, gpus = max(1, int(has.get("CPU", 1)) // workers), min(1.0, has.get("GPU", 0) / workers)
    remote = ray.remote(num_cpus=share, num_gpus=gpus)(run_trial)
    return ray.get([remote.remote(experiment, path.absolute(), settings) for experiment, path, settings in jobs])


def spread(work: Work, items: Iterable[Values]) -> Iterator[list[Tokens]]:
    """An engine for `prepare`: Ray Data does the work wherever the cluster has room."""
    ray = _ray()
    ray.data.DataContext.get_current().execution_options.preserve_order = True
    rows = ray.data.from_items([{"item": list(item)} for item in items], override_num_blocks=None)
    for row in rows.map(lambda row: {"found": work(row["item"])}).iter_rows():
        yield row["found"]


def _worker(job: Mapping[str, Any]) -> None:
    train_described(job)


def _ray() -> Any:
    try:
        import ray
    except ImportError:
        raise missing("ray", "ray") from None
    if not ray.is_initialized():
        ray.init(log_to_driver=True, include_dashboard=False)
    return ray


def _reason(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1].strip() if lines else type(error).__name__
