"""A run's directory: what lies where, who may write there, and which checkpoint is good."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from torch import Tensor

from lengthwise.training import tensor_file
from lengthwise.training.checkpoint import (
    WEIGHTS,
    CheckpointError,
    Progress,
    load_progress,
    save_average,
    write_durably,
)
from lengthwise.training.step import TrainingError
from lengthwise.world import ALONE, World


class RunDirectory:
    """Paths of a run and the life of its checkpoints."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.config = self.path / "config.json"
        self.metrics = self.path / "metrics.jsonl"
        self.samples = self.path / "samples"
        self.profile = self.path / "profile"
        self.checkpoints = self.path / "checkpoints"
        self._best = self.path / "best.json"
        self._schedule = self.path / "schedule.json"

    @contextmanager
    def lock(self, world: World = ALONE) -> Iterator[None]:
        """Keep every other run from training here; the system lets go of a dead process's lock by itself.

        The main process holds it for its world.
        """
        descriptor = world.from_main(self._locked)
        try:
            yield
        finally:
            if world.is_main:
                os.close(descriptor)

    def _locked(self) -> int:
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            # POSIX record locks, unlike flock, are not inherited by data workers that outlive a killed run.
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 100).decode(errors="replace").strip() or "another process"
            os.close(descriptor)
            raise TrainingError(
                f"The run directory {self.path} must be free, but {holder} trains there. Wait, or use another `--run`."
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()}".encode())
        self._remove_parts()
        return descriptor

    def saved(self) -> list[Path]:
        """The checkpoints of steps, oldest first, good or not."""
        return sorted(path for path in self.checkpoints.glob("step-*") if path.is_dir())

    def place(self, step: int) -> Path:
        """Where the checkpoint of a step lies."""
        return self.checkpoints / f"step-{step:08d}"

    def latest(self, say: Callable[[str], None]) -> tuple[Path, Progress] | None:
        """The newest checkpoint whose every file is as it was written; bad ones are skipped and named through `say`."""
        for path in reversed(self.saved()):
            try:
                return path, load_progress(path)
            except CheckpointError as error:
                say(f"Skipped the checkpoint {path.name}: {error}. Going back to the one before.")
        return None

    def resume(self, say: Callable[[str], None]) -> tuple[Path, Progress] | None:
        """The newest good checkpoint, to go on from; those after it are put aside. None where there is none at all."""
        found = self.latest(say)
        if found is None:
            if self.saved():
                raise TrainingError(
                    f"A checkpoint in {self.checkpoints} must be readable, but none is. "
                    "Restore one, or move the directory away to start anew."
                )
            return None
        path, progress = found
        for bad in self.saved():
            if bad > path:
                self._put_aside(bad)
        self.point_at_best(progress)
        say(f"Resumed from {path.name}.")
        return path, progress

    def keep(self, progress: Progress, keep_last: int) -> None:
        """Point at the best checkpoint, and drop those that are neither among the newest nor the best."""
        self.point_at_best(progress)
        for old in self.saved()[:-keep_last]:
            if old != self.best():
                shutil.rmtree(old)

    def best(self) -> Path | None:
        """The checkpoint with the highest validation score; None before the first validation."""
        try:
            path = self.path / json.loads(self._best.read_text())["path"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return path if path.is_dir() else None

    def best_good(self, say: Callable[[str], None]) -> tuple[Path, Progress] | None:
        """The best checkpoint if it is as it was written, else the newest good one; bad ones go to `say`."""
        best = self.best()
        if best is not None:
            try:
                return best, load_progress(best)
            except CheckpointError as error:
                say(f"Skipped the best checkpoint {best.name}: {error}. Using the newest good one.")
        return self.latest(say)

    def is_finished(self) -> bool:
        """Whether the newest good checkpoint is the last of its schedule."""
        found = self.latest(lambda line: None)
        return found is not None and found[1].total_steps is not None and found[1].step >= found[1].total_steps

    def save_average(self, sources: list[Path], progress: Progress) -> None:
        """Save the average of the checkpoints' weights as `checkpoints/averaged`."""
        save_average(self.checkpoints / "averaged", sources, progress)

    def averaged(self) -> dict[str, Tensor]:
        """The weights of that average."""
        return tensor_file.read(self.checkpoints / "averaged" / WEIGHTS)

    def is_averaged(self, step: int) -> bool:
        """Whether a good average of the checkpoints up to this step is there."""
        try:
            return load_progress(self.checkpoints / "averaged").step == step
        except CheckpointError:
            return False

    def point_at_average(self, step: int, score: float) -> None:
        """Make the averaged weights the best ones."""
        self._write_best(self.checkpoints / "averaged", step, score)

    def resolved_steps(self, minutes: float) -> int | None:
        """The number of steps that minutes were resolved to; in proportion where they were changed since."""
        try:
            known = json.loads(self._schedule.read_text())
            return max(1, round(known["steps"] * minutes / known["minutes"]))
        except FileNotFoundError:
            return None

    def resolve_steps(self, minutes: float, steps: int) -> None:
        """Keep what minutes were resolved to."""
        write_durably(self._schedule, json.dumps({"minutes": minutes, "steps": steps}))

    def point_at_best(self, progress: Progress) -> None:
        """Let `best.json` name the best checkpoint of the run so far."""
        if progress.best_step is None or progress.best_score is None:
            self._best.unlink(missing_ok=True)
            return
        try:
            known = json.loads(self._best.read_text())
            is_current = known["step"] <= progress.step and (known["score"], known["step"]) >= (
                progress.best_score,
                progress.best_step,
            )
        except (OSError, ValueError, KeyError, TypeError):
            is_current = False
        path = self.place(progress.best_step)
        if path.is_dir() and not (is_current and self.best() is not None):
            self._write_best(path, progress.best_step, progress.best_score)

    def _write_best(self, path: Path, step: int, score: float) -> None:
        pointer = {"path": str(path.relative_to(self.path)), "step": step, "score": score}
        write_durably(self._best, json.dumps(pointer))

    def _put_aside(self, bad: Path) -> None:
        aside = bad.with_name(f"bad-{bad.name}")
        shutil.rmtree(aside, ignore_errors=True)
        bad.rename(aside)

    def _remove_parts(self) -> None:
        for part in self.checkpoints.glob(".*.part"):
            shutil.rmtree(part, ignore_errors=True)
