"""Saves checkpoints while training goes on: what is copied at once is written behind its back."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.staging import DefaultStager, StagingOptions

from lengthwise.training.checkpoint import Files, Progress, aside, discard, not_written, publish
from lengthwise.training.state import TrainingState, quiet
from lengthwise.training.tensor_storage import TensorFileWriter
from lengthwise.world import World


class Saver:
    """Writes one checkpoint at a time; all processes call its methods at the same steps."""

    def __init__(self, world: World) -> None:
        """Processes that save while others of their messages are under way need a group of their own."""
        self._world = world
        self._group = dist.new_group(backend="gloo") if world.size > 1 else None
        self._thread = ThreadPoolExecutor(1, "saving")
        is_pinned = torch.cuda.is_available()
        self._stager = DefaultStager(StagingOptions(is_pinned, False, False, is_pinned))
        self._future: Future[Any] | None = None
        self._path = Path()

    def __enter__(self) -> "Saver":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # What was begun is finished, also where training fails; its own failure is then not what to tell of.
        self._thread.shutdown()
        if error is None:
            self.wait()

    def begin(self, path: Path, state: TrainingState, progress: Progress, done: Callable[[], None]) -> None:
        """Copy the state, and write it behind training's back; the main process calls `done` when it is published.

        The one before is waited for: its errors are raised here.
        """
        self.wait()
        self._path = path
        written = self._world.from_main(self._prepare)
        tensors, aliases = state.tensors()

        def finish(files: Files) -> None:
            publish(path, written, files, progress)
            done()

        writer = TensorFileWriter(written, aliases, finish)
        self._future = self._thread.submit(self._write, self._stager.stage(tensors), writer)

    def _prepare(self) -> Path:
        try:
            return aside(self._path)
        except OSError as error:
            raise not_written(self._path, error) from error

    def _write(self, tensors: Any, writer: TensorFileWriter) -> None:
        with quiet():
            dcp.save(tensors, storage_writer=writer, process_group=self._group, no_dist=self._world.size == 1)  # pyright: ignore[reportArgumentType]

    def has_failed(self) -> bool:
        """Whether `wait` would raise; asked by each process for itself."""
        return self._future is not None and self._future.done() and self._future.exception() is not None

    def wait(self) -> None:
        """Until what was begun is published; raises CheckpointError where that fails."""
        if self._future is None:
            return
        future, self._future = self._future, None
        with self._world.speaking_as_one():
            self._finish(future)

    def _finish(self, future: Future[Any]) -> None:
        try:
            future.result()
        except CheckpointException as error:
            if self._world.is_main:
                discard(self._path)
            first = next(reason for reason, _ in error.failures.values())
            if isinstance(first, OSError):
                raise not_written(self._path, first) from first
            raise first from None
