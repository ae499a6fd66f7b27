"""SIGINT and SIGTERM as a wish that training grants at the end of its step."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any


class Interrupted(Exception):
    """Raised where work may be broken off at once because a signal has come."""


class Signals:
    """While entered, the first signal is noted in `received`; a second SIGINT is a KeyboardInterrupt at once."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._is_interruptible = False
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "Signals":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._receive)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, previous in self._previous.items():
            signal.signal(number, previous)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """A block that the first signal breaks off by raising Interrupted."""
        if self.received is not None:
            raise Interrupted
        self._is_interruptible = True
        try:
            yield
        finally:
            self._is_interruptible = False

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.received = signal.Signals(number)
        if self._is_interruptible:
            self._is_interruptible = False
            raise Interrupted
