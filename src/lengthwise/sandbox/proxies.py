"""What stands in the checker for a candidate's function: each call is carried over and its answer brought back."""

import builtins
from collections.abc import Callable

from lengthwise.sandbox import values

Ask = Callable[[dict[str, str]], object]

_NOT_CARRIED = (StopIteration, StopAsyncIteration)
"""In a test they would end a loop, and what was still to be checked in it, without a word."""


class CandidateError(Exception):
    """An exception in the candidate that has no built-in type of its own here."""


class Ended(BaseException):
    """What ends a check whatever it catches; its text is the message."""

    def __init__(self, verdict: str, message: str) -> None:
        super().__init__(message)
        self.verdict = verdict


class Proxy:
    """Called like the candidate's function of this name."""

    def __init__(self, name: str, ask: Ask) -> None:
        self.__name__ = self.__qualname__ = name
        self._ask = ask

    def __call__(self, *arguments: object, **named: object) -> object:
        """The candidate's answer, of built-in types; raises what it raised."""
        try:
            request = {"name": self.__name__, "arguments": values.encode((arguments, named))}
        except values.ValueRefused as error:
            raise Ended("refused", f"the checks pass {error}: run them with trust=shared") from None
        return answer_of(self._ask(request))


def answer_of(reply: object) -> object:
    """The value of a candidate's reply; raises what it says was raised, and `Ended` where it says nonsense."""
    match reply:
        case {"value": str(value)}:
            return _decoded(value)
        case {"refused": str(reason)}:
            raise Ended("failed", f"the program returned {reason[:200]}")
        case {"raised": [str(name), str(text), str(arguments)]}:
            raise _error(name, text, _decoded(arguments))
    raise Ended("failed", "the program answered no message of the protocol")


def _decoded(value: str) -> object:
    try:
        return values.decode(value)
    except values.ValueRefused as error:
        raise Ended("failed", f"the program answered {error}") from None


def _error(name: str, text: str, arguments: object) -> BaseException:
    kind = getattr(builtins, name, None)
    if name == "MemoryError":
        return Ended("memory", text)
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        return CandidateError(text)
    if not issubclass(kind, Exception):
        return Ended("failed", f"the program ended itself: {text}")
    if issubclass(kind, _NOT_CARRIED):
        return CandidateError(text)
    try:
        return kind(*arguments) if isinstance(arguments, tuple) else kind(text)
    except Exception:
        return CandidateError(text)
