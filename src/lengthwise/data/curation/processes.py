"""Work spread over processes, its results in the order of what was asked."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

AHEAD = 4
"""Items for each process that are asked for before the first is taken: bounds the memory."""

Spread = Callable[[Iterable[Any]], Iterator[Any]]
"""Does the work for every item, as `map` does; several may run beside each other."""


@contextmanager
def spread(work: Callable[[Any], Any], num_processes: int) -> Iterator[Spread]:
    """Give a function that does `work`, which each process gets once; one process is this one.

    ValueError where a process dies.
    """
    if num_processes < 1:
        raise ValueError(f"`processes` must be at least 1, but is {num_processes}.")
    if num_processes == 1:
        yield lambda items: map(work, items)
        return
    pool = ProcessPoolExecutor(num_processes, multiprocessing.get_context("spawn"), _begin, (work,))
    try:
        yield lambda items: _ordered(pool, items, AHEAD * num_processes)
    except BrokenProcessPool:
        raise ValueError(
            "A process that examined texts died, perhaps for want of memory. Use fewer processes, such as 1."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _ordered(pool: ProcessPoolExecutor, items: Iterable[Any], ahead: int) -> Iterator[Any]:
    waiting: deque[Future[Any]] = deque()
    for item in items:
        waiting.append(pool.submit(_do, item))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


_work: Callable[[Any], Any]


def _begin(work: Callable[[Any], Any]) -> None:
    global _work
    _work = work


def _do(item: Any) -> Any:
    return _work(item)
