"""The batches of an update: on a GPU they are made and laid out for copying while the update before is computed."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import torch

from lengthwise.contracts import Batch
from lengthwise.world import Share

Batches = Callable[[int, Share], Batch]
"""Global index of a batch, from 0, and a share of its rows to these: a pure function, so that resuming is a cursor."""


class Feed:
    """A process's batches, update by update."""

    def __init__(self, batches: Batches, mine: Sequence[tuple[int, Share]], device: torch.device, *, is_ahead: bool):
        """`mine`: index within an update and share of each; `is_ahead`: those of the next are made meanwhile."""
        self._batches, self._mine, self._device = batches, mine, device
        self._thread = ThreadPoolExecutor(1, "batches") if is_ahead else None
        self._next: tuple[int, Future[list[Batch]]] | None = None

    def take(self, first: int, num_batches: int) -> list[Batch]:
        """The batches of the update that begins with the global index `first`; the next one is `num_batches` later."""
        if self._thread is None:
            return self._made(first)
        if self._next is not None and self._next[0] == first:
            found = self._next[1].result()
        else:
            found = self._made(first)
        self._next = first + num_batches, self._thread.submit(self._made, first + num_batches)
        return found

    def close(self) -> None:
        """Make no more."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)

    def _made(self, first: int) -> list[Batch]:
        found = [self._batches(first + index, share) for index, share in self._mine]
        return [batch.pinned() for batch in found] if self._device.type == "cuda" else found
