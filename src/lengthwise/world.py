"""The processes that train one model together: which of them this is, and what they tell each other."""

import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist

T = TypeVar("T")

PATIENCE = timedelta(minutes=30)
"""How long a process waits for the others, such as for data that one of them prepares; one that died is noticed at
once, because its connections close."""
MEETING = timedelta(seconds=60)
"""How long the processes wait for each other at the beginning."""

SIGNS_OF_LOSS = ("Connection closed", "Connection reset", "Broken pipe", "Connection refused", "Timed out", "NCCL")
"""In what torch raises where a process can't be reached any more."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """One of equal parts of some work: every `of`-th item from `number` on."""

    number: int = 0
    of: int = 1

    def take(self, items: Sequence[T]) -> Sequence[T]:
        """The items of this share, in their order."""
        return items[self.number :: self.of]


WHOLE = Share()


class FailedElsewhere(ValueError):
    """Another process of the run has failed, and says why."""

    is_told = True


class ProcessLost(ValueError):
    """Another process of the run is gone."""

    is_told = False
    """Whether another process has said so, or what it failed from."""


@dataclass(frozen=True, kw_only=True)
class World:
    """The processes of a run; without torchrun there is one. Every method is called by all of them, in one order."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    """Among the processes of this machine."""

    @property
    def is_main(self) -> bool:
        """Whether this process is the one that prints and writes."""
        return self.rank == 0

    def sum(self, numbers: Sequence[float | int]) -> list[float]:
        """Each number summed over all processes, in fp64."""
        if self.size == 1:
            return list(map(float, numbers))
        tensor = torch.tensor(numbers, dtype=torch.float64)
        dist.all_reduce(tensor)
        return tensor.tolist()

    def gather(self, value: T) -> list[T]:
        """What each process has, by rank, for all of them."""
        if self.size == 1:
            return [value]
        found: list[Any] = [None] * self.size
        dist.all_gather_object(found, value)
        return found

    def together(self, act: Callable[[], T]) -> T:
        """Let every process act; where one fails, all do: the first that failed with its error, the others silently."""
        if self.size == 1:
            return act()
        result, error = None, None
        try:
            result = act()
        except Exception as caught:
            error = caught
        failed = [rank for rank, has_failed in enumerate(self.gather(error is not None)) if has_failed]
        if failed and (error is None or self.rank != failed[0]):
            raise FailedElsewhere(f"Process {failed[0]} of this run failed.") from error
        if error is not None:
            raise error
        return result  # type: ignore[return-value]

    @contextmanager
    def speaking_as_one(self) -> Iterator[None]:
        """A block that fails in all processes alike: the main one tells of it."""
        try:
            yield
        except Exception as error:
            if self.is_main:
                raise
            raise FailedElsewhere("All processes of this run failed.") from error

    def from_main(self, make: Callable[[], T]) -> T:
        """What the main process makes, for all of them; where it fails, all do."""
        made = self.together(lambda: make() if self.is_main else None)
        if self.size == 1:
            return made  # type: ignore[return-value]
        box = [made]
        dist.broadcast_object_list(box, src=0)
        return box[0]  # type: ignore[return-value]

    @property
    def share(self) -> Share:
        """This process's part of what all of them do together."""
        return Share(number=self.rank, of=self.size)

    def merge(self, share: Sequence[T]) -> list[T]:
        """All items in their order again, from each process's `share.take(items)`."""
        shares = self.gather(list(share))
        count = sum(map(len, shares))
        return [shares[index % self.size][index // self.size] for index in range(count)]


ALONE = World()


def of_environment() -> World:
    """The world that torchrun describes to its processes; a world of one where it did not start this process."""
    names = {"rank": "RANK", "size": "WORLD_SIZE", "local_rank": "LOCAL_RANK"}
    if not all(name in os.environ for name in names.values()):
        return ALONE
    return World(**{field: int(os.environ[name]) for field, name in names.items()})


@contextmanager
def joined(world: World) -> Iterator[None]:
    """While entered, the processes of the world can talk: over gloo, and over NCCL between GPUs.

    Of those that lose another one, the first says so, and none where the lost one has said why it fails.
    """
    if world.size == 1 or dist.is_initialized():
        yield
        return
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    store, _, _ = next(dist.rendezvous("env://", timeout=MEETING))
    fresh = dist.PrefixStore(_met(world, store), store)
    dist.init_process_group(backend, store=fresh, rank=world.rank, world_size=world.size, timeout=PATIENCE)
    try:
        yield
    except FailedElsewhere:
        raise
    except Exception as error:
        is_first = _is_first(fresh)
        if not (isinstance(error, RuntimeError) and any(sign in str(error) for sign in SIGNS_OF_LOSS)):
            raise
        lost = ProcessLost(
            f"All {world.size} processes of this run must be alive, but process {world.rank} lost its connection to "
            "another. What was saved is kept, and the same command resumes."
        )
        lost.is_told = not is_first
        raise lost from error
    finally:
        dist.destroy_process_group()


def _is_first(store: dist.Store) -> bool:
    """Whether no other process of this attempt has failed before; yes where nobody is left to say."""
    try:
        return store.add("failed", 1) == 1
    except RuntimeError:
        return True


def _met(world: World, store: dist.Store) -> str:
    """A name that the processes of this attempt have in common, and those of no other.

    torchrun gives the processes that it starts again the store of those that died, where the old addresses still stand
    (torch 2.13). So each shows a number that no one had before, the main one answers to every number it finds, and is
    done once all have heard it.
    """
    mine = uuid.uuid4().hex
    if not world.is_main:
        store.set(f"shown/{world.rank}", mine)
        try:
            name = store.get(f"answered/{mine}").decode()
        except RuntimeError as error:
            raise ProcessLost(
                f"All {world.size} processes of this run must meet within {MEETING.seconds} seconds, but process 0 did "
                f"not answer process {world.rank}. Start all of them."
            ) from error
        store.set(f"heard/{name}/{world.rank}", "")
        return name
    missing, end = set(range(1, world.size)), time.monotonic() + MEETING.total_seconds()
    while missing and time.monotonic() < end:
        for rank in sorted(missing):
            if store.check([f"shown/{rank}"]):
                store.set(f"answered/{store.get(f'shown/{rank}').decode()}", mine)
            if store.check([f"heard/{mine}/{rank}"]):
                missing.discard(rank)
        time.sleep(0.01)
    if missing:
        raise ProcessLost(
            f"All {world.size} processes of this run must meet within {MEETING.seconds} seconds, but "
            f"{sorted(missing)} did not come. Start all of them."
        )
    return mine
