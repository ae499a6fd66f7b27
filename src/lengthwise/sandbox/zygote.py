"""The small process that all checkers are forked from: it never grows with the evaluator, and never sees a test."""

import gc
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from contextlib import suppress
from importlib import import_module
from typing import Any

from lengthwise.sandbox import candidate, checker, frames, system, tiers

PRELOADED = (
    "abc array bisect cmath collections contextlib copy dataclasses datetime decimal enum fractions functools "
    "hashlib heapq inspect itertools json math numbers operator queue random re statistics string textwrap "
    "threading time typing "
).split()
"""What programs often import: read once, not by each."""
GRACE = 5.0
"""Seconds that a checker may take beyond its program's own limits."""


def main(source: str, tier: str, descriptor: int) -> None:
    """Serve the evaluator at the other end of the socket that `descriptor` is, until it closes it."""
    for name in PRELOADED:
        import_module(name)
    sys.path = [path for path in sys.path if path not in ("", source)]
    stream = socket.socket(fileno=os.dup(descriptor))
    os.dup2(os.open(os.devnull, os.O_RDONLY), descriptor)
    try:
        ground = tiers.prepare(tier)  # type: ignore[arg-type]
    except OSError as error:
        frames.send(stream, {"unavailable": error.strerror})
        return
    frames.send(stream, {"ready": tier})
    gc.collect()
    gc.freeze()
    with suppress(frames.FrameError, OSError):
        while _serve(ground, stream, frames.receive(stream.fileno())):
            pass


def _serve(ground: tiers.Ground, stream: socket.socket, limits: Any) -> bool:
    """One program; whether another can follow."""
    is_hidden = ground.tier == "namespaces"
    tmp = tiers.TMP if is_hidden else tempfile.mkdtemp(prefix="lengthwise-")
    if ground.tier in tiers.CONTAINERS:
        os.chown(tmp, tiers.NOBODY, tiers.NOBODY)
    result, written = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become_checker(ground, stream, limits, tmp, written)
    os.close(written)
    try:
        reply = _await(result, stream, time.monotonic() + limits["wall_seconds"] + GRACE)
    finally:
        os.close(result)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _reap_all()
        if not is_hidden:
            shutil.rmtree(tmp, ignore_errors=True)
    frames.send(stream, reply or {"verdict": "timed out", "message": "the checks themselves took too long"})
    # What a checker that was killed has left unread is no request.
    return reply is not None


def _become_checker(ground: tiers.Ground, stream: socket.socket, limits: Any, tmp: str, written: int) -> None:
    try:
        system.die_with_parent(os.getppid())
        asked = checker.begin(ground, limits, tmp)
        reply = checker.judge(frames.receive(stream.fileno()), asked)  # type: ignore[arg-type]
        candidate._write(written, frames.pack(reply))
    except BaseException as error:
        reply = {"verdict": "refused", "message": f"the sandbox failed: {candidate._text(error)}"}
        candidate._write(written, frames.pack(reply))
    finally:
        os._exit(0)


def _await(result: int, stream: socket.socket, deadline: float) -> object:
    """The checker's reply; None where there is none in time. Raises `FrameError` where the evaluator has gone."""
    poll = select.poll()
    poll.register(result, select.POLLIN)
    poll.register(stream, select.POLLRDHUP)
    while (left := deadline - time.monotonic()) > 0:
        ready = dict(poll.poll(1000 * left))
        if ready.get(result):
            try:
                return frames.receive(result)
            except frames.FrameError:
                return None
        if ready.get(stream.fileno()):
            raise frames.FrameError("the evaluator has gone")
    return None


def _reap_all() -> None:
    """Wait for the checker, and for its candidate where that was left to this process."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
