"""What a run says: a live line on a terminal, plain lines elsewhere, and rows for the trackers."""

import resource
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from lengthwise.training.directory import RunDirectory
from lengthwise.training.step import StepReport
from lengthwise.training.tracking import tensorboard
from lengthwise.training.tracking.hosted import Hosted, Service
from lengthwise.training.tracking.json_lines import JsonLines
from lengthwise.training.tracking.tracker import Tracker
from lengthwise.world import ALONE, World


class Logs:
    """Shows and records a run; `console` is the standard error stream unless another is given.

    Of several processes the main one does.
    """

    def __init__(
        self,
        directory: RunDirectory,
        world: World = ALONE,
        console: Console | None = None,
        services: Sequence[Service] = (),
        utilization: float = 0.0,
    ) -> None:
        """`services` are told too; `utilization` is the share of the peak that one position a second would take."""
        self._directory, self._is_main, self._services = directory, world.is_main, services
        self._console = console or Console(stderr=True, soft_wrap=True, quiet=not world.is_main)
        self._trackers: list[Tracker] = []
        self._meter = Meter(utilization)
        self._live: Progress | None = None

    def __enter__(self) -> "Logs":
        if not self._is_main:
            return self
        self._trackers = [JsonLines(self._directory.metrics)]
        self._trackers += [Hosted(service, self._directory.path) for service in self._services]
        if tensorboard.is_installed():
            self._trackers.append(tensorboard.TensorBoard(self._directory.path / "tensorboard"))
        if self._console.is_terminal:
            self._live = Progress(
                BarColumn(bar_width=20), TextColumn("{task.description}"), console=self._console, transient=True
            )
            self._live.add_task("", total=None)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        for tracker in self._trackers:
            tracker.close()

    def say(self, line: str) -> None:
        """Print one line that stays."""
        self._console.print(line, markup=False, highlight=False)

    def cut(self, step: int) -> None:
        """Drop what was recorded after the step that the run goes on from."""
        for tracker in self._trackers:
            tracker.cut(step)

    def step(self, step: int, total_steps: int | None, report: StepReport, duration: float) -> None:
        """Count a step in the figures of speed, and show it where there is a terminal."""
        self._meter.add(report, duration)
        if self._live is not None:
            bar = self._live.task_ids[0]
            line = self._meter.line(step, total_steps, {"loss": report.loss})
            self._live.update(bar, completed=step, total=total_steps, description=line)

    def row(self, step: int, total_steps: int | None, row: Mapping[str, float]) -> None:
        """Record a row of training's figures with those of speed since the last one."""
        full = {**row, **self._meter.figures()}
        self._record(step, full)
        if self._live is None:
            self.say(self._meter.line(step, total_steps, full))
        self._meter.restart()

    def validation(self, step: int, row: Mapping[str, float], note: str = "") -> None:
        """Record and print the figures of a validation, as `validation/name`."""
        self._record(step, {f"validation/{name}": value for name, value in row.items()})
        figures = "  ".join(f"{name} {value:.4g}" for name, value in row.items())
        self.say(f"step {step}  validation  {figures}{note}")

    def flush(self) -> None:
        """Make the records as durable as a checkpoint."""
        for tracker in self._trackers:
            tracker.flush()

    def _record(self, step: int, row: Mapping[str, float]) -> None:
        for tracker in self._trackers:
            tracker.log(step, row)


class Meter:
    """Speed, padding and time left, over the steps since the last row."""

    def __init__(self, utilization: float = 0.0) -> None:
        self._utilization = utilization
        self._seconds_per_step: float | None = None
        self.restart()

    def restart(self) -> None:
        """Begin a new window."""
        self._seconds = 0.0
        self._tokens = self._positions = 0

    def add(self, report: StepReport, duration: float) -> None:
        """Count one step."""
        self._seconds += duration
        self._tokens += report.num_tokens
        self._positions += report.num_positions
        known = self._seconds_per_step
        self._seconds_per_step = duration if known is None else 0.95 * known + 0.05 * duration

    def figures(self) -> dict[str, float]:
        """Tokens of both sides a second, share of padding, peak memory in MB, share of the device's FLOPs a second."""
        figures = {
            "tokens_per_second": round(self._tokens / self._seconds, 1) if self._seconds else 0.0,
            "padding": round(1 - self._tokens / self._positions, 4) if self._positions else 0.0,
            "memory_mb": round(peak_memory() / 1e6, 1),
        }
        if self._utilization and self._seconds:
            figures["utilization"] = round(self._utilization * self._positions / self._seconds, 4)
        return figures

    def line(self, step: int, total_steps: int | None, row: Mapping[str, float]) -> str:
        """All figures on one line."""
        figures = {**self.figures(), **row}
        parts = [f"step {step}/{total_steps or '?'}", f"loss {figures['loss']:.4f}"]
        parts.append(f"{figures['tokens_per_second']:,.0f} tokens/s")
        parts.append(f"padding {figures['padding']:.1%}")
        if "learning_rate" in figures:
            parts.append(f"lr {figures['learning_rate']:.2e}")
        parts.append(f"memory {figures['memory_mb']:,.0f} MB")
        if "utilization" in figures:
            # On GPUs called model FLOPs utilization; on a CPU the peak is what its matrix products reach.
            parts.append(f"{'MFU' if torch.cuda.is_available() else 'of peak'} {figures['utilization']:.1%}")
        if total_steps is not None and self._seconds_per_step is not None:
            left = max(0, total_steps - step) * self._seconds_per_step
            parts.append(f"ETA {time.strftime('%H:%M:%S', time.gmtime(left))}")
        return "  ".join(parts)


def peak_memory() -> int:
    """Bytes: the device's peak where there is a GPU, else the process's."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
