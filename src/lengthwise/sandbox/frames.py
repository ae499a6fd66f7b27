"""Messages over a stream: four bytes of length, then JSON."""

import json
import os
import socket
from collections.abc import Callable

MAX_BYTES = 256 << 20
"""Of a message that a program's tests come in."""


class FrameError(Exception):
    """The stream ended, or what it holds is not a message."""


def pack(message: object) -> bytes:
    """The bytes of a message."""
    payload = json.dumps(message).encode()
    return len(payload).to_bytes(4, "big") + payload


def read_exactly(descriptor: int, count: int) -> bytes:
    """`count` bytes; raises `FrameError` where the stream ends before."""
    parts = []
    while count:
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            raise FrameError("the stream ended")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def receive(descriptor: int, read: Callable[[int, int], bytes] = read_exactly, limit: int = MAX_BYTES) -> object:
    """The next message; raises `FrameError` where there is none of at most `limit` bytes."""
    length = int.from_bytes(read(descriptor, 4), "big")
    if length > limit:
        raise FrameError(f"a message of {length:,} bytes; at most {limit:,} are read")
    payload = read(descriptor, length)
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"no JSON ({type(error).__name__})") from None


def send(stream: socket.socket, message: object) -> None:
    """Write a message whole."""
    stream.sendall(pack(message))
