"""What goes into the sandbox, what it may use, and what comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["passed", "failed", "timed out", "memory", "refused"]
Trust = Literal["apart", "shared"]


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program that nobody trusts, and the checks that decide on it."""

    code: str
    checks: str
    """Python that calls the program's functions by name and raises where an answer is wrong."""
    names: Sequence[str]
    """The program's functions that the checks call."""
    prompt: str = ""
    """Trusted Python that the checks need: what stands before the functions, and helpers in it."""
    trust: Trust = "apart"
    """Whether the checks run in a process of their own, or, where they need its own classes, in the program's.

    There a program written to cheat can.
    """
    is_recorded: bool = False
    """Whether the result tells every call and its answer."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a program may use."""

    cpu_seconds: float = 5.0
    """Of all its threads; time that it sleeps counts too, time that it waits for a core never does."""
    wall_seconds: float = 600.0
    """A backstop, far beyond what a busy machine needs for the same work."""
    memory_bytes: int = 1 << 30
    tmp_bytes: int = 16 << 20
    """Of all files in its private /tmp."""
    file_bytes: int = 16 << 20

    def __post_init__(self) -> None:
        for name in ("cpu_seconds", "wall_seconds", "memory_bytes", "tmp_bytes", "file_bytes"):
            if not getattr(self, name) > 0:
                raise ValueError(f"`{name}` must be above 0, but is {getattr(self, name)}.")


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of a program."""

    verdict: Verdict
    message: str = ""
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    """Bytes."""
    output: str = ""
    """The beginning of what it wrote."""
    tier: str = ""
    trust: Trust = "apart"
    calls: Sequence[tuple[str, str]] = ()
    """Of a program that is recorded: arguments and value of each call that had one, as `values.encode` writes them."""

    @property
    def is_passed(self) -> bool:
        """Whether every check held."""
        return self.verdict == "passed"
