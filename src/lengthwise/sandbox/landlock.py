"""What of the file system a process may touch, where there are no namespaces to hide the rest in (landlock(7))."""

import ctypes
import os
import struct
from collections.abc import Iterable

from lengthwise.sandbox import system

_READ = 1 << 2 | 1 << 3
_WRITE = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 12 | 1 << 13
_ALL = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TRUNCATE = {1: 0, 3: 1 << 14}
_NETWORK, _SCOPES = 3, 3
"""No TCP from version 4 on; no abstract sockets and no signals to others from version 6 on."""


def version() -> int:
    """Of the kernel's Landlock; 0 where it has none."""
    try:
        return system.syscall("landlock_create_ruleset", None, 0, 1)
    except OSError:
        return 0


def restrict(read: Iterable[str], write: Iterable[str], may_signal: bool) -> None:
    """From now on this process reads below `read` alone and writes below `write` alone; `no_new_privs` must be set."""
    known = version()
    handled = _newest(_ALL, known)
    scopes = 0 if known < 6 else _SCOPES & ~2 if may_signal else _SCOPES
    attributes = struct.pack("QQQ", handled, _NETWORK if known >= 4 else 0, scopes)
    size = 8 if known < 4 else 16 if known < 6 else 24
    ruleset = system.syscall("landlock_create_ruleset", ctypes.c_char_p(attributes), size, 0)
    try:
        for paths, rights in ((read, _READ), (write, _READ | _WRITE | _newest(_TRUNCATE, known))):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        system.syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _newest(by_version: dict[int, int], known: int) -> int:
    return max((since, value) for since, value in by_version.items() if since <= known)[1]


def _allow(ruleset: int, path: str, rights: int) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):
            rights &= 1 << 1 | 1 << 2 | 1 << 14
        rule = struct.pack("=Qi", rights, parent)
        system.syscall("landlock_add_rule", ruleset, 1, ctypes.c_char_p(rule), 0)
    finally:
        os.close(parent)
