"""Which system calls a confined process has left: an allow-list as a BPF program (seccomp(2))."""

import ctypes
import errno
import os
import struct
from collections.abc import Iterable, Sequence

from lengthwise.sandbox import system

_SET_MODE_FILTER = 1
_ARCHITECTURES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_KILL, _ALLOW, _ERROR = 0x8000_0000, 0x7FFF_0000, 0x0005_0000
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_X32 = 0x4000_0000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
"""Where the kernel puts them, in bytes."""

CLONE_THREAD = 0x0001_0000
_TTY_AND_SIZE = (0x5401, 0x5413, 0x541B, 0x5451, 0x5450, 0x5421)
"""Requests of `ioctl`: TCGETS, TIOCGWINSZ, FIONREAD, FIOCLEX, FIONCLEX, FIONBIO."""
_STREAMS = (1, 1 | 0o4000, 1 | 0o2000000, 1 | 0o2004000)
"""Kinds of `socketpair`: streams. A datagram could be sent to any socket that has a name."""
_O_ACCMODE, _O_TRUNC, _O_WRONLY, _O_RDWR = 3, 0o1000, 1, 2
_FLAGS = {"open": 1, "openat": 2}
"""Which argument they are."""

# fmt: off
_NUMBERS = {
    "x86_64": {
        "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8,
        "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
        "rt_sigreturn": 15, "ioctl": 16, "pread64": 17, "pwrite64": 18, "readv": 19, "writev": 20, "access": 21,
        "pipe": 22, "select": 23, "sched_yield": 24, "mremap": 25, "madvise": 28, "dup": 32, "dup2": 33, "pause": 34,
        "nanosleep": 35, "getitimer": 36, "alarm": 37, "setitimer": 38, "getpid": 39, "sendfile": 40, "sendto": 44,
        "recvfrom": 45, "sendmsg": 46, "recvmsg": 47, "shutdown": 48, "socketpair": 53, "clone": 56, "exit": 60,
        "wait4": 61, "kill": 62, "uname": 63, "fcntl": 72, "flock": 73, "fsync": 74, "fdatasync": 75, "truncate": 76,
        "ftruncate": 77, "getdents": 78, "getcwd": 79, "chdir": 80, "fchdir": 81, "rename": 82, "mkdir": 83,
        "rmdir": 84, "creat": 85, "link": 86, "unlink": 87, "symlink": 88, "readlink": 89, "chmod": 90, "fchmod": 91,
        "umask": 95, "gettimeofday": 96, "getrlimit": 97, "getrusage": 98, "sysinfo": 99, "times": 100, "getuid": 102,
        "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110, "getpgrp": 111, "getgroups": 115,
        "getresuid": 118, "getresgid": 120, "getpgid": 121, "getsid": 124, "rt_sigpending": 127,
        "rt_sigtimedwait": 128, "rt_sigsuspend": 130, "sigaltstack": 131, "statfs": 137, "fstatfs": 138,
        "gettid": 186, "time": 201, "futex": 202, "sched_getaffinity": 204, "getdents64": 217, "set_tid_address": 218,
        "restart_syscall": 219, "fadvise64": 221, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230,
        "exit_group": 231, "epoll_wait": 232, "epoll_ctl": 233, "tgkill": 234, "waitid": 247, "openat": 257,
        "mkdirat": 258, "newfstatat": 262, "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266,
        "readlinkat": 267, "fchmodat": 268, "faccessat": 269, "pselect6": 270, "ppoll": 271, "set_robust_list": 273,
        "utimensat": 280, "epoll_pwait": 281, "fallocate": 285, "eventfd2": 290, "epoll_create1": 291, "dup3": 292,
        "pipe2": 293, "prlimit64": 302, "renameat2": 316, "getrandom": 318, "copy_file_range": 326, "statx": 332,
        "rseq": 334, "close_range": 436, "clone3": 435, "faccessat2": 439, "fork": 57, "vfork": 58,
        "listxattr": 194, "llistxattr": 195, "flistxattr": 196,
    },
    "aarch64": {
        "getcwd": 17, "eventfd2": 19, "epoll_create1": 20, "epoll_ctl": 21, "epoll_pwait": 22, "dup": 23, "dup3": 24,
        "fcntl": 25, "ioctl": 29, "flock": 32, "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37,
        "renameat": 38, "statfs": 43, "fstatfs": 44, "truncate": 45, "ftruncate": 46, "fallocate": 47,
        "faccessat": 48, "chdir": 49, "fchdir": 50, "fchmod": 52, "fchmodat": 53, "openat": 56, "close": 57,
        "pipe2": 59, "getdents64": 61, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67,
        "pwrite64": 68, "sendfile": 71, "pselect6": 72, "ppoll": 73, "readlinkat": 78, "newfstatat": 79, "fstat": 80,
        "fsync": 82, "fdatasync": 83, "utimensat": 88, "exit": 93, "exit_group": 94, "waitid": 95,
        "set_tid_address": 96, "futex": 98, "set_robust_list": 99, "nanosleep": 101, "getitimer": 102,
        "setitimer": 103, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "sched_getaffinity": 123,
        "sched_yield": 124, "restart_syscall": 128, "kill": 129, "tgkill": 131, "sigaltstack": 132,
        "rt_sigsuspend": 133, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigpending": 136,
        "rt_sigtimedwait": 137, "rt_sigreturn": 139, "getresuid": 148, "getresgid": 150, "times": 153, "getpgid": 155,
        "getsid": 156, "getgroups": 158, "uname": 160, "getrusage": 165, "umask": 166, "gettimeofday": 169,
        "getpid": 172, "getppid": 173, "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177, "gettid": 178,
        "sysinfo": 179, "shutdown": 210, "socketpair": 199, "sendto": 206, "recvfrom": 207, "sendmsg": 211,
        "recvmsg": 212, "brk": 214, "munmap": 215, "mremap": 216, "clone": 220, "mmap": 222, "fadvise64": 223,
        "mprotect": 226, "madvise": 233, "wait4": 260, "prlimit64": 261, "renameat2": 276, "getrandom": 278,
        "copy_file_range": 285, "statx": 291, "rseq": 293, "close_range": 436, "clone3": 435, "faccessat2": 439,
        "listxattr": 11, "llistxattr": 12, "flistxattr": 13,
    },
}
# fmt: on
MACHINES = tuple(_NUMBERS)

_LIMITED = ("clone", "clone3", "fork", "vfork", "ioctl", "prlimit64", "kill", "tgkill", "socketpair")
"""Those that depend on their arguments."""
_ANSWERS = dict.fromkeys(("listxattr", "llistxattr", "flistxattr"), errno.ENOTSUP)
"""As of a file system without extended attributes: `shutil.copy2` and `move` ask for them."""
_MARKS = dict.fromkeys(("chmod", "fchmod", "fchmodat", "utimensat"), 0)
"""What Landlock does not cover: where files outside are in sight, these do nothing and say nothing."""
_CUTS = ("truncate", "open", "openat")
"""What Landlock covers from version 3 on only."""


def confine(may_signal: Sequence[int] | None, landlock: int = 0) -> None:
    """Leave this process, and all it begins, only what computing needs; `no_new_privs` must be set.

    `landlock` is the version of what alone keeps it from files outside; 0 where it sees none.

    Threads are allowed, other processes, programs, networks, other processes' memory and mounts are not; signals to
    itself and to those named, or (None, where it is alone in its pid namespace) to all.
    """
    program = b"".join(_program(may_signal, landlock))
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    system.syscall("seccomp", _SET_MODE_FILTER, 0, ctypes.c_char_p(header))


def _statement(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value & 0xFFFF_FFFF)


def _program(may_signal: Sequence[int] | None, landlock: int) -> Iterable[bytes]:
    numbers = _NUMBERS[system.MACHINE]
    limited = (*_LIMITED, *(_CUTS if 0 < landlock < 3 else ()))
    answers = {**_ANSWERS, **(_MARKS if landlock else {})}
    yield _statement(_LOAD, _ARCHITECTURE)
    yield _statement(_IF_EQUAL, _ARCHITECTURES[system.MACHINE], 1, 0)
    yield _statement(_RETURN, _KILL)
    yield _statement(_LOAD, _NUMBER)
    yield _statement(_IF_AT_LEAST, _X32, 0, 1)
    yield _statement(_RETURN, _KILL)
    for name, number in numbers.items():
        if name not in limited:
            yield _statement(_IF_EQUAL, number, 0, 1)
            yield _statement(_RETURN, _ERROR | answers[name] if name in answers else _ALLOW)
    for name in limited:
        if name in numbers:
            verdict = list(_judge(name, may_signal))
            yield _statement(_IF_EQUAL, numbers[name], 0, len(verdict))
            yield from verdict
    yield _statement(_RETURN, _ERROR | errno.EPERM)


def _judge(name: str, may_signal: Sequence[int] | None) -> Iterable[bytes]:
    """What becomes of a call that depends on its arguments; each ends in a verdict."""
    refuse = _statement(_RETURN, _ERROR | errno.EPERM)
    match name:
        case "clone":
            yield _statement(_LOAD, _ARGUMENTS)
            yield _statement(_IF_ANY_BIT, CLONE_THREAD, 0, 1)
            yield _statement(_RETURN, _ALLOW)
            yield refuse
        case "clone3":  # Its flags are in memory, out of a filter's sight: the C library then tries `clone`.
            yield _statement(_RETURN, _ERROR | errno.ENOSYS)
        case "ioctl":
            yield from _only(1, _TTY_AND_SIZE, errno.ENOTTY)
        case "prlimit64":
            yield from _only(0, (0,))
        case "socketpair":
            yield _statement(_LOAD, _ARGUMENTS)
            yield _statement(_IF_EQUAL, 1, 1, 0)
            yield refuse
            yield from _only(1, _STREAMS)
        case "open" | "openat":
            yield from _no_cut(_FLAGS[name])
        case "kill" | "tgkill" if may_signal is None:
            yield _statement(_RETURN, _ALLOW)
        case "kill" | "tgkill":
            yield from _only(0, (os.getpid(), *(may_signal or ())))
        case _:
            yield refuse


def _no_cut(argument: int) -> Iterable[bytes]:
    """O_TRUNC only where the flags ask for the right to write: Landlock looks at no more than those."""
    yield _statement(_LOAD, _ARGUMENTS + 8 * argument)
    yield _statement(_IF_ANY_BIT, _O_TRUNC, 0, 3)
    yield _statement(_AND, _O_ACCMODE)
    yield _statement(_IF_EQUAL, _O_WRONLY, 1, 0)
    yield _statement(_IF_EQUAL, _O_RDWR, 0, 1)
    yield _statement(_RETURN, _ALLOW)
    yield _statement(_RETURN, _ERROR | errno.EPERM)


def _only(argument: int, values: tuple[int, ...], error: int = errno.EPERM) -> Iterable[bytes]:
    yield _statement(_LOAD, _ARGUMENTS + 8 * argument)
    for value in values:
        yield _statement(_IF_EQUAL, value, 0, 1)
        yield _statement(_RETURN, _ALLOW)
    yield _statement(_RETURN, _ERROR | error)
