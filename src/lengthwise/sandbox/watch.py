"""What a candidate has used: CPU time, and the time it slept of its own accord. Load never counts."""

import os
import time
from contextlib import suppress

_NANO = 1e9


class Watch:
    """A candidate's clock. Sleep counts where `tick` is called again and again while an answer is waited for."""

    def __init__(self, pid: int, proc: int) -> None:
        """Of a process just begun; `proc` is a descriptor of /proc."""
        self._clock = (~pid << 3) | 2
        self._tasks = os.open(f"{pid}/task", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=proc)
        self._slept_before = self._slept = 0.0
        self._since: tuple[float, float, float] | None = None

    def used(self) -> float:
        """Seconds that count against the limit."""
        return self._cpu_seconds() + self._slept_before + self._slept

    def tick(self) -> None:
        """It still has something to do: count for how long it slept since the first tick."""
        now = time.monotonic(), self._cpu_seconds(), self._waited()
        if self._since is None:
            self._since = now
        # From the first tick on: the kernel tells of a wait for a core only once it is over.
        wall, cpu, waited = (each - before for each, before in zip(now, self._since, strict=True))
        self._slept = max(0.0, wall - cpu - waited)

    def rest(self) -> None:
        """It has nothing to do for now."""
        self._slept_before, self._slept = self._slept_before + self._slept, 0.0
        self._since = None

    def _cpu_seconds(self) -> float:
        """Of all its threads."""
        try:
            return time.clock_gettime(self._clock)
        except OSError:  # It has ended.
            return 0.0

    def _waited(self) -> float:
        """Seconds that its threads stood ready and had no core."""
        waited = 0
        with suppress(OSError):
            for task in os.listdir(self._tasks):
                waited += self._waited_by(task)
        return waited / _NANO

    def _waited_by(self, task: str) -> int:
        with suppress(OSError, IndexError, ValueError):
            file = os.open(f"{task}/schedstat", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._tasks)
            try:
                return int(os.read(file, 100).split()[1])
            finally:
                os.close(file)
        return 0
