"""What a candidate has used: CPU time, and the time it slept of its own accord. Load never counts."""

import os
import time
from contextlib import suppress

IDLE = 0.1
"""Of a while that counts as sleep, the most in which the process may have worked."""

MOST = 0.2
"""Seconds of sleep that count at once: who looks so much later was itself kept waiting, with the answer there maybe."""


class Watch:
    """A candidate's clock. Sleep counts where `tick` is called again and again while an answer is waited for."""

    def __init__(self, pid: int, proc: int) -> None:
        """Of a process just begun; `proc` is a descriptor of /proc."""
        self._clock = (~pid << 3) | 2
        self._tasks = os.open(f"{pid}/task", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=proc)
        self._slept = 0.0
        self._last: tuple[float, float] | None = None

    def used(self) -> float:
        """Seconds that count against the limit."""
        return self._cpu_seconds() + self._slept

    def tick(self) -> None:
        """It still has something to do: count the time since the tick before where it slept."""
        now = time.monotonic(), self._cpu_seconds()
        if self._last is not None:
            wall, cpu = now[0] - self._last[0], now[1] - self._last[1]
            # A thread that waits for a core is ready and not asleep, however long it waits, and whoever takes the core.
            if cpu < IDLE * wall and self._is_asleep():
                self._slept += min(wall - cpu, MOST)
        self._last = now

    def rest(self) -> None:
        """It has nothing to do for now."""
        self._last = None

    def _cpu_seconds(self) -> float:
        """Of all its threads."""
        try:
            return time.clock_gettime(self._clock)
        except OSError:  # It has ended.
            return 0.0

    def _is_asleep(self) -> bool:
        """Whether none of its threads runs or is ready to."""
        with suppress(OSError):
            return not any(self._state(task) == b"R" for task in os.listdir(self._tasks))
        return True

    def _state(self, task: str) -> bytes:
        with suppress(OSError, IndexError):
            file = os.open(f"{task}/stat", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._tasks)
            try:
                return os.read(file, 1000).rpartition(b")")[2].split()[0]
            finally:
                os.close(file)
        return b""
