"""System calls that Python has no function for, through the C library."""

import ctypes
import os
import platform
from contextlib import suppress

MACHINE = platform.machine()

CLONE_NEW = {
    "mount": 0x0002_0000,
    "uts": 0x0400_0000,
    "ipc": 0x0800_0000,
    "user": 0x1000_0000,
    "pid": 0x2000_0000,
    "net": 0x4000_0000,
}
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER = 1, 4, 24, 36
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4

_SYSCALLS = {
    "x86_64": {"pivot_root": 155, "capset": 126, "seccomp": 317},
    "aarch64": {"pivot_root": 41, "capset": 91, "seccomp": 277},
}
_LANDLOCK = {"landlock_create_ruleset": 444, "landlock_add_rule": 445, "landlock_restrict_self": 446}

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> int:
    """The result of a call; raises `OSError` where it is negative."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(name: str, *arguments: object) -> int:
    """A system call by name, of those that the C library has no function for."""
    number = _LANDLOCK.get(name) or _SYSCALLS[MACHINE][name]
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return checked(libc.syscall(ctypes.c_long(number), *words), name)


def unshare(*kinds: str) -> None:
    """Leave the namespaces of these kinds for new ones."""
    flags = sum(CLONE_NEW[kind] for kind in kinds)
    checked(libc.unshare(flags), f"unshare {' '.join(kinds)}")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount something."""
    words = [source.encode(), target.encode(), kind.encode() if kind else None]
    checked(libc.mount(*words, ctypes.c_ulong(flags), options.encode()), f"mount {target}")


def pivot_root(root: str) -> None:
    """Make `root`, a mount point, all there is."""
    os.chdir(root)
    syscall("pivot_root", ctypes.c_char_p(b"."), ctypes.c_char_p(b"."))
    checked(libc.umount2(b".", MNT_DETACH), "umount2")
    os.chdir("/")


def prctl(option: int, *values: int) -> int:
    """Of this process."""
    words = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    return checked(libc.prctl(option, *words), f"prctl {option}")


def die_with_parent(parent: int) -> None:
    """Be killed when `parent`, which began this process, ends; exits where it has already."""
    prctl(PR_SET_PDEATHSIG, 9)
    if os.getppid() not in (parent, 0):
        os._exit(1)


def drop_capabilities() -> None:
    """Give up every privilege for good, also those that an executed file could bring back."""
    with suppress(OSError):  # gVisor has none.
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break
    header = (ctypes.c_uint32 * 2)(0x2008_0522, 0)
    syscall("capset", header, (ctypes.c_uint32 * 6)())
    prctl(PR_SET_NO_NEW_PRIVS, 1)
