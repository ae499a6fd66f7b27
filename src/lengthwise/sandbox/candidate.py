"""The untrusted process: runs the program, answers calls. It never sees a test, and nothing it says is a verdict."""

import io
import os
import resource
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

from lengthwise.sandbox import frames, system, tiers, values

MAX_MESSAGE = 2000
"""Characters of an exception's text."""
MAX_FILES = 64
MAX_THREADS = 64


def begin(ground: tiers.Ground, stream: int, output: int, parent: int, limits: dict[str, Any], tmp: str) -> None:
    """Shut this new process in, then serve; never returns."""
    tiers.become_candidate(ground)
    system.die_with_parent(parent)
    os.setsid()
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output, 1), (output, 2), (stream, 3)):
        os.dup2(source, target)
    os.closerange(4, 1 << 16)
    os.chdir(tmp)
    os.environ.clear()
    os.environ["TMPDIR"] = tempfile.tempdir = tmp
    memory, file = limits["memory_bytes"], limits["file_bytes"]
    for kind, amount in (
        (resource.RLIMIT_DATA, memory),
        # gVisor bounds no other than this.
        (resource.RLIMIT_AS, memory if ground.tier == "gvisor" else 4 * memory),
        (resource.RLIMIT_FSIZE, file),
        (resource.RLIMIT_NOFILE, MAX_FILES),
        (resource.RLIMIT_CPU, int(limits["cpu_seconds"]) + 2),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (amount, amount))
    if ground.tier == "namespaces":
        resource.setrlimit(resource.RLIMIT_NPROC, (MAX_THREADS, MAX_THREADS))
    alone = None if ground.tier == "namespaces" else ()
    tiers.confine(ground, tmp, may_signal=alone)
    sys.stdin = open(0)
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(n, "w"), "utf-8", "replace", write_through=True) for n in (1, 2)
    )
    serve(3)


def serve(stream: int) -> None:
    """Run the program that comes first, then answer calls until the stream ends; never returns."""
    program: Any = frames.receive(stream)
    module = ModuleType("__main__")
    sys.modules["__main__"] = module
    _answer(stream, lambda: run(program["code"], module, program["name"]))
    while True:
        try:
            request: Any = frames.receive(stream)
        except (frames.FrameError, OSError):
            os._exit(0)
        _answer(stream, partial(_called, module, request))


def run(code: str, module: ModuleType, name: str) -> None:
    """Execute a program's text as a module."""
    exec(compile(code, name, "exec", dont_inherit=True), module.__dict__)


def _called(module: ModuleType, request: dict[str, str]) -> object:
    function = getattr(module, request["name"])
    arguments: Any = values.decode(request["arguments"])
    return function(*arguments[0], **arguments[1])


def _answer(stream: int, ask: Callable[[], object]) -> None:
    try:
        reply = {"value": values.encode(ask())}
    except values.ValueRefused as error:
        reply = {"refused": str(error)}
    except BaseException as error:
        reply = {"raised": [type(error).__name__, _text(error), _arguments(error)]}
    _write(stream, frames.pack(reply))


def _text(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception_only(error)).strip()[:MAX_MESSAGE]
    except BaseException:
        return type(error).__name__


def _arguments(error: BaseException) -> str:
    try:
        return values.encode(tuple(error.args))
    except BaseException:
        return values.encode((_text(error),))


def _write(stream: int, data: bytes) -> None:
    while data:
        data = data[os.write(stream, data) :]
