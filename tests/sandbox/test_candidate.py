import socket
import threading

import pytest

from lengthwise.sandbox import candidate, frames
from lengthwise.sandbox.values import decode, encode


def answers(ask) -> dict:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        writer = threading.Thread(target=candidate._answer, args=(theirs.fileno(), ask))
        writer.start()
        reply = frames.receive(ours.fileno())
        writer.join()
    assert isinstance(reply, dict)
    return reply


def test_a_value_is_an_answer():
    assert decode(answers(lambda: [1, (2,)])["value"]) == [1, (2,)]


def test_a_value_that_is_not_built_in_is_said_so():
    assert "type `object`" in answers(object)["refused"]


@pytest.mark.parametrize("error", [KeyError("k"), SystemExit(3), ValueError(object())])
def test_whatever_is_raised_is_an_answer(error):
    def ask():
        raise error

    name, text, arguments = answers(ask)["raised"]
    assert name == type(error).__name__ and text.startswith(name) and isinstance(decode(arguments), tuple)


def test_an_exception_that_cannot_be_written_is_named():
    class Broken(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def ask():
        raise Broken

    assert "Broken" in answers(ask)["raised"][1]


def test_arguments_come_by_position_and_by_name():
    from types import ModuleType

    module = ModuleType("m")
    candidate.run("def f(a, *, b): return a - b", module, "<m>")
    assert candidate._called(module, {"name": "f", "arguments": encode(((5,), {"b": 3}))}) == 2
