"""The trusted process of one program: owns its checks and its verdict, and asks the candidate for values only."""

import os
import resource
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from lengthwise.sandbox import candidate, frames, tiers
from lengthwise.sandbox.files import Files, HiddenFile
from lengthwise.sandbox.proxies import Ended, Proxy, answer_of
from lengthwise.sandbox.watch import Watch

TICK = 0.1
"""Seconds between two looks at what a candidate that keeps silent has used."""
MAX_OUTPUT = 4096
"""Bytes of a program's output that are kept."""
MAX_MEMORY = 2 << 30
"""Of the checker itself."""


@dataclass
class Candidate:
    """The other process, as its checker sees it."""

    pid: int
    stream: socket.socket
    output: int
    watch: Watch
    limits: dict[str, Any]
    started: float
    files: Files | None
    """Its own, where no file system of a fixed size is."""
    kept: bytes = b""
    looked: float = 0.0

    def ask(self, message: object) -> Any:
        """Its answer to a message; raises `Ended` where none comes within the limits."""
        try:
            self._send(frames.pack(message))
            return frames.receive(self.stream.fileno(), self._read, limit=2 * candidate.values.MAX_BYTES)
        except frames.FrameError as error:
            raise Ended(*self._why(str(error))) from None
        except OSError:
            raise Ended(*self._why("the program ended without an answer")) from None
        finally:
            self.watch.rest()

    def check_limits(self) -> None:
        """Raises `Ended` where it has used more than it may."""
        limit = self.limits["cpu_seconds"]
        if self.watch.used() > limit:
            raise Ended("timed out", f"over {limit:g} seconds of work or sleep")
        if time.monotonic() - self.started > self.limits["wall_seconds"]:
            raise Ended("timed out", f"over {self.limits['wall_seconds']:g} seconds by the clock")
        try:
            if self.files is not None and self.files.size() > self.limits["tmp_bytes"]:
                raise Ended("failed", f"over {self.limits['tmp_bytes']:,} bytes of files")
        except HiddenFile as error:
            raise Ended("failed", str(error)) from None

    def _send(self, data: bytes) -> None:
        while data:
            self._wait(select.POLLOUT)
            data = data[self.stream.send(data[: 1 << 16], socket.MSG_DONTWAIT) :]

    def _read(self, _: int, count: int) -> bytes:
        parts = []
        while count:
            self._wait(select.POLLIN)
            part = self.stream.recv(min(count, 1 << 20))
            if not part:
                raise frames.FrameError("the program ended without an answer")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self.stream, event)
        poll.register(self.output, select.POLLIN)
        while True:
            ready = dict(poll.poll(1000 * TICK))
            # One that sends a byte now and then is looked at too.
            if time.monotonic() - self.looked >= TICK:
                self.looked = time.monotonic()
                self.watch.tick()
                self.check_limits()
            if ready.pop(self.output, None):
                self.drain()
            if ready:
                return

    def drain(self) -> bool:
        """Take what it has written, and keep the beginning; whether there was anything."""
        try:
            part = os.read(self.output, 1 << 16)
        except BlockingIOError:
            return False
        self.kept += part[: MAX_OUTPUT - len(self.kept)]
        return bool(part)

    def _why(self, message: str) -> tuple[str, str]:
        """Verdict and message for a candidate that is no more."""
        status = self.end()[0]
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            if number in (signal.SIGXCPU, signal.SIGKILL):
                if self.end()[1].ru_utime + self.end()[1].ru_stime >= self.limits["cpu_seconds"]:
                    return "timed out", f"over {self.limits['cpu_seconds']:g} seconds of work"
                return "memory", "killed by the system for lack of memory"
            return "failed", f"the program was killed by {signal.Signals(number).name}"
        return "failed", message

    def end(self) -> tuple[int, Any]:
        """How it ended, killed where it still ran, and what it used."""
        if not hasattr(self, "_ended"):
            self._ended = self._reap()
        return self._ended

    def _reap(self) -> tuple[int, Any]:
        time_left = time.monotonic() + 0.2
        # One that closed its stream is about to end by itself: how it ended says why.
        while self.stream.fileno() >= 0 and self._is_closed() and time.monotonic() < time_left:
            pid, status, used = os.wait4(self.pid, os.WNOHANG)
            if pid:
                return status, used
            time.sleep(0.001)
        os.kill(self.pid, signal.SIGKILL)
        _, status, used = os.wait4(self.pid, 0)
        return status, used

    def _is_closed(self) -> bool:
        try:
            return self.stream.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True


def begin(ground: tiers.Ground, limits: dict[str, Any], tmp: str) -> Candidate:
    """Begin a candidate, shut in, before this process has read any test; then shut this process in too."""
    tiers.enter(ground, limits["tmp_bytes"], tmp)
    ours, theirs = socket.socketpair()
    output, written = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            candidate.begin(ground, theirs.fileno(), written, parent, limits, tmp)
        except BaseException:
            candidate._write(2, candidate._text(sys.exc_info()[1]).encode())  # type: ignore[arg-type]
        finally:
            os._exit(1)
    theirs.close()
    os.close(written)
    os.set_blocking(output, False)
    watch = Watch(pid, ground.proc)
    files = Files(pid, ground.proc, tmp) if ground.tier == "landlock" else None
    os.close(ground.proc)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    tiers.confine(ground, tmp, may_signal=(pid,))
    return Candidate(pid, ours, output, watch, limits, time.monotonic(), files)


def judge(program: dict[str, Any], asked: Candidate) -> dict[str, object]:
    """The verdict on a program."""
    calls = _Calls(asked, program["is_recorded"])
    try:
        if program["trust"] == "shared":
            answer_of(asked.ask({"code": f"{program['code']}\n\n{program['checks']}", "name": "<program and checks>"}))
            calls.number = 1
        else:
            answer_of(asked.ask({"code": program["code"], "name": "<program>"}))
            _check(program, calls)
        ended = Ended("passed", "") if calls.number else Ended("refused", "the checks never call the program")
    except Ended as error:
        ended = error
    except BaseException as error:
        ended = Ended("failed", candidate._text(error))
    while asked.drain():
        pass
    status, used = asked.end()
    return {
        "verdict": ended.verdict,
        "message": str(ended)[: candidate.MAX_MESSAGE],
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_memory": used.ru_maxrss * 1024,
        "output": asked.kept.decode("utf-8", "replace"),
        "calls": calls.kept,
    }


@dataclass
class _Calls:
    """The way of the checks' calls to the candidate."""

    asked: Candidate
    is_recorded: bool
    number: int = 0
    kept: list[tuple[str, str]] = field(default_factory=list)

    def ask(self, request: dict[str, str]) -> Any:
        self.number += 1
        reply = self.asked.ask(request)
        if self.is_recorded and isinstance(reply, dict) and isinstance(reply.get("value"), str):
            self.kept.append((request["arguments"], reply["value"]))
        return reply


def _check(program: dict[str, Any], calls: _Calls) -> None:
    module = ModuleType("__main__")
    sys.modules["__main__"] = module
    try:
        candidate.run(_whole(program["prompt"]), module, "<prompt>")
    except Exception as error:
        raise Ended("refused", f"the prompt does not run by itself: {candidate._text(error)}") from None
    for name in program["names"]:
        setattr(module, name, Proxy(name, calls.ask))
    candidate.run(program["checks"], module, "<checks>")


def _whole(prompt: str) -> str:
    """The prompt, with a body where it ends in a function's first line."""
    try:
        compile(prompt, "<prompt>", "exec")
    except SyntaxError:
        return f"{prompt.rstrip()} pass\n"
    return prompt
