"""The sandbox as its user sees it: programs in, verdicts out, one process a core."""

import os
import queue
import socket
import subprocess
import threading
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from lengthwise.sandbox import frames, tiers
from lengthwise.sandbox.containers import Container
from lengthwise.sandbox.program import Limits, Program, Result

SOURCE = str(Path(__file__).parents[2])
TIERS = ("namespaces", "landlock")
_BOOT = """
import sys
sys.path.insert(0, sys.argv[1])
from lengthwise.sandbox.zygote import main
main(*sys.argv[1:3], int(sys.argv[3]))
"""
_FLAGS = ("-s", "-S", "-P", "-B", "-X", "utf8")
_REMEDY = (
    "Programs are not run without isolation. Allow unprivileged user namespaces (`sysctl "
    "kernel.unprivileged_userns_clone=1`, on Ubuntu `sysctl kernel.apparmor_restrict_unprivileged_userns=0`, in a "
    "container `--security-opt seccomp=unconfined`), or use Linux 5.13 or newer with Landlock."
)


class SandboxUnavailable(RuntimeError):
    """This system has no way to shut a program in."""


class Sandbox:
    """Runs programs that nobody trusts; a context manager, and safe to use from several threads."""

    def __init__(
        self,
        workers: int | None = None,
        limits: Limits | None = None,
        tier: Literal["auto", "namespaces", "landlock", "gvisor", "podman"] = "auto",
    ) -> None:
        """As many at once as there are cores, or `workers`; raises `SandboxUnavailable` where nothing can isolate.

        `tier`: how programs are shut in; `auto` takes `namespaces`, or `landlock` where those are forbidden.
        """
        self.limits = limits or Limits()
        self.workers = workers or len(os.sched_getaffinity(0))
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        first = _first(TIERS if tier == "auto" else (tier,), self.limits.tmp_bytes)
        self.tier = first.tier
        self._all = [first, *(_Worker(self.tier, self.limits.tmp_bytes) for _ in range(self.workers - 1))]
        for worker in self._all:
            self._idle.put(worker)

    def run(self, program: Program, limits: Limits | None = None) -> Result:
        """The verdict on one program; waits for a free worker."""
        worker = self._idle.get()
        try:
            return worker.run(program, limits or self.limits)
        finally:
            self._idle.put(worker)

    def map(self, programs: Iterable[tuple[Any, Program]]) -> Generator[tuple[Any, Result]]:
        """Verdicts as they come, each with its program's key; takes no more programs than are about to run."""
        left = iter(programs)
        with ThreadPoolExecutor(self.workers) as pool:
            running: dict[Future[Result], Any] = {}
            while True:
                while len(running) < 2 * self.workers and (item := next(left, None)) is not None:
                    running[pool.submit(self.run, item[1])] = item[0]
                if not running:
                    return
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(done), done.result()

    def close(self) -> None:
        """End all processes."""
        for worker in self._all:
            worker.close()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Worker:
    """A zygote and the socket to it."""

    def __init__(self, tier: str, tmp_bytes: int) -> None:
        self.tier, self._tmp_bytes = tier, tmp_bytes
        self._lock = threading.Lock()
        self._container: Container | None = None
        self._start()

    def _start(self) -> None:
        words = [tiers.INTERPRETER, *_FLAGS, "-c", _BOOT, SOURCE, self.tier]
        environment: dict[str, str] | None = {"PYTHONHASHSEED": "0"}
        if self.tier in tiers.CONTAINERS:
            try:
                self._container = Container(self.tier, SOURCE, self._tmp_bytes)
            except FileNotFoundError as error:
                raise SandboxUnavailable(str(error)) from None
            words, environment = self._container.command(words), None
        else:
            words.append("0")
        self._stream, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(words, env=environment, cwd="/", stdin=theirs.fileno())
        try:
            reply: Any = self._receive()
        except frames.FrameError:
            reply = {"unavailable": f"`{' '.join(words[:2])} ...` ended before anything could run in it"}
        if "unavailable" in reply:
            self.close()
            raise SandboxUnavailable(reply["unavailable"])

    def _receive(self) -> object:
        return frames.receive(self._stream.fileno())

    def run(self, program: Program, limits: Limits) -> Result:
        with self._lock:
            try:
                frames.send(self._stream, asdict(limits))
                frames.send(self._stream, asdict(program))
                reply: Any = self._receive()
            except (frames.FrameError, OSError) as error:
                reply = {"verdict": "refused", "message": f"the sandbox's own process ended: {error}"}
            if "cpu_seconds" not in reply:
                self.close()
                self._start()
        reply["calls"] = [tuple(call) for call in reply.get("calls", ())]
        return Result(**reply, tier=self.tier, trust=program.trust)

    def close(self) -> None:
        self._stream.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            if self._container is not None:
                self._container.kill()
            self._process.kill()
            self._process.wait()
        if self._container is not None:
            self._container.remove()


def _first(names: Sequence[str], tmp_bytes: int) -> _Worker:
    reasons = []
    for tier in names:
        try:
            return _Worker(tier, tmp_bytes)
        except SandboxUnavailable as error:
            reasons.append(f"{tier}: {error}")
    remedy = "" if set(names) <= set(tiers.CONTAINERS) else f" {_REMEDY}"
    raise SandboxUnavailable(f"No isolation is to be had here ({'; '.join(reasons)}).{remedy}")
