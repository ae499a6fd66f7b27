import os
import socket

import pytest

from lengthwise.sandbox import frames


def received(data: bytes, limit: int = 1000) -> object:
    reader, writer = os.pipe()
    try:
        os.write(writer, data)
        os.close(writer)
        return frames.receive(reader, limit=limit)
    finally:
        os.close(reader)


def test_messages_come_out_as_they_went_in():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for message in ({"a": [1, "\ud800"]}, None, "x" * 50_000):
            frames.send(ours, message)
            assert frames.receive(theirs.fileno()) == message


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the stream ended"),
        (b"\0\0", "the stream ended"),
        (b"\0\0\0\x05{}", "the stream ended"),
        (b"\xff\xff\xff\xff", "a message of 4,294,967,295 bytes; at most 1,000"),
        (b"\0\0\0\x02[}", "no JSON"),
        (b"\0\0\0\x02\xff\xfe", "no JSON"),
        (b"\0\0\x03\xe7" + b"[" * 999, "no JSON"),
    ],
)
def test_what_is_no_message_is_an_error(data, reason):
    with pytest.raises(frames.FrameError, match=reason):
        received(data)
