"""Workers that train in turns, so that a noisy machine is as noisy for all of them."""

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field, replace

from benchmarks.peers.trainer import Size
from benchmarks.peers.worker import start_arguments


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How often and how long each worker gets its turn."""

    batches_file: str = ""
    warmup_steps: int = 8
    steps: int = 10
    """Short turns: what disturbs the machine then disturbs all workers of a round."""
    rounds: int = 12
    num_threads: int = 2

    def on(self, batches_file: str) -> "Plan":
        """The same plan for the batches of this file."""
        return replace(self, batches_file=batches_file)


@dataclass
class Measured:
    """A worker's figures over all rounds."""

    rates: list[float] = field(default_factory=list)
    loss: float = 0.0
    peak_mb: float = 0.0
    libraries_mb: float = 0.0
    parameters: int = 0

    @property
    def tokens_per_second(self) -> float:
        """Median over the rounds."""
        return statistics.median(self.rates)

    @property
    def best(self) -> float:
        """The least disturbed round: on an overloaded machine medians measure the load."""
        return max(self.rates)

    def ratio_to(self, other: "Measured") -> float:
        """How many times as fast as `other`: the median over rounds, in which both saw the same batches."""
        return statistics.median(own / its for own, its in zip(self.rates, other.rates, strict=True))


def environment(num_threads: int) -> dict[str, str]:
    """Of a child process: the modules that this one finds, and as many threads as agreed."""
    paths = os.pathsep.join(path for path in sys.path if path)
    return {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": str(num_threads)}


class Worker:
    """A process that trains when told to."""

    def __init__(self, path: str, size: Size, plan: Plan) -> None:
        command = start_arguments(path, size, plan.batches_file, plan.num_threads)
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment(plan.num_threads))
        self.path = path
        self.ready = self._answer()

    def ask(self, order: str) -> dict[str, float]:
        """Send one line and wait for its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """Let the process end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def _answer(self) -> dict:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("@"):
                return json.loads(line[1:])
        raise SystemExit(f"The worker of {self.path} ended with code {self.process.wait()}: see its message above.")


def take_turns(paths: dict[str, str], size: Size, plan: Plan) -> dict[str, Measured]:
    """Train every peer (name -> factory's path) on the same batches, round by round."""
    workers = {name: Worker(path, size, plan) for name, path in paths.items()}
    measured = {name: Measured(parameters=worker.ready["parameters"]) for name, worker in workers.items()}
    for worker in workers.values():
        worker.ask(f"run 0 {plan.warmup_steps}")
    for turn in range(plan.rounds):
        for name, worker in workers.items():
            answer = worker.ask(f"run {turn * plan.steps} {plan.steps}")
            measured[name].rates.append(answer["tokens"] / answer["seconds"])
            measured[name].loss = answer["loss"]
    for name, worker in workers.items():
        answer = worker.ask("memory")
        measured[name].peak_mb, measured[name].libraries_mb = answer["peak_mb"], answer["libraries_mb"]
        worker.close()
    return measured
