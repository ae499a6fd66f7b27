"""The two ways to shut a process in: namespaces, or Landlock where those are forbidden; else none.

Two more, `gvisor` and `podman`, shut in the zygote (`containers`), within which a process gives up its rights.

`prepare` is called once by the zygote, `enter` by each checker before it begins its candidate, `confine` by both.
"""

import ctypes
import errno
import glob
import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lengthwise.sandbox import landlock, seccomp, system

Tier = Literal["namespaces", "landlock", "gvisor", "podman"]
CONTAINERS = ("gvisor", "podman")
INTERPRETER = str(getattr(sys, "_base_executable", "") or sys.executable)
NOBODY = 65534
_CHECKER = 65533
TMP = "/tmp"
_ROOT = "/sys"
"""Where the new root is put together, in a mount namespace of its own: a folder that every Linux has."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_MOUNT_SETATTR, _RECURSIVE, _READ_ONLY, _NO_SETUID = 442, 0x8000, 1, 2


LINKS = {path: os.readlink(path) for path in ("/lib", "/lib64") if os.path.islink(path)}
"""Where all of a system's libraries are below /usr."""


@dataclass(frozen=True)
class Ground:
    """What `prepare` left for the checkers."""

    tier: Tier
    proc: int
    """A descriptor of /proc, which a checker closes before it runs anything."""
    readable: tuple[str, ...]


def visible() -> Iterator[str]:
    """The folders that the interpreter needs."""
    found = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    found |= {os.path.join(sys.base_prefix, "lib"), os.path.dirname(os.__file__)}
    found |= {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo"} - LINKS.keys()
    kept: list[str] = []
    for path in sorted(os.path.abspath(each) for each in found if os.path.isdir(each)):
        if not any(path == other or path.startswith(other + "/") for other in kept):
            kept.append(path)
            yield path


def prepare(tier: Tier) -> Ground:
    """Get ready for programs in this tier; raises `OSError` where the system forbids it."""
    if system.MACHINE not in seccomp.MACHINES:
        raise OSError(errno.ENOSYS, f"no system calls are known for {system.MACHINE}")
    system.prctl(system.PR_SET_CHILD_SUBREAPER, 1)
    readable = (*visible(), *_DEVICES)
    proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    if tier == "namespaces":
        _change_root(readable, proc)
    elif tier == "landlock" and not landlock.version():
        raise OSError(errno.ENOSYS, "the kernel has no Landlock")
    elif tier not in ("landlock", *CONTAINERS):
        raise OSError(errno.EINVAL, "no such tier")
    elif tier in CONTAINERS and not all(map(_is_mapped, (NOBODY, _CHECKER))):
        raise OSError(errno.EINVAL, "it has too few users: give yours a range in /etc/subuid and /etc/subgid")
    return Ground(tier, proc, readable)


def _is_mapped(user: int) -> bool:
    """Whether this container's users include it."""
    with open("/proc/self/uid_map") as file:
        ranges = [tuple(map(int, line.split())) for line in file]
    return any(first <= user < first + count for first, _, count in ranges)


def _change_root(readable: Sequence[str], proc: int) -> None:
    is_root = os.geteuid() == 0
    if is_root:
        system.unshare("mount")
    else:
        _new_user(proc, "mount")
    system.mount("none", "/", None, system.MS_REC | system.MS_PRIVATE)
    system.mount("tmpfs", _ROOT, "tmpfs", system.MS_NOSUID, "size=1m,mode=755")
    for path in readable:
        _bind(path)
    for path, target in LINKS.items():
        os.symlink(target, _ROOT + path)
    os.mkdir(_ROOT + TMP)
    system.pivot_root(_ROOT)
    attributes = (ctypes.c_uint64 * 4)(_READ_ONLY | _NO_SETUID, 0, 0, 0)
    words = (_MOUNT_SETATTR, -1, b"/", _RECURSIVE, attributes, ctypes.sizeof(attributes))
    system.checked(
        system.libc.syscall(*(ctypes.c_long(w) if isinstance(w, int) else w for w in words)), "mount_setattr"
    )
    if is_root:
        _give_up_rights(NOBODY, NOBODY)


def _give_up_rights(real: int, effective: int) -> None:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(real, effective, effective)


def become_candidate(ground: Ground) -> None:
    """What a candidate does first."""
    if ground.tier in CONTAINERS:
        os.setresuid(NOBODY, NOBODY, NOBODY)


def _bind(path: str) -> None:
    place = _ROOT + path
    if os.path.isdir(path):
        os.makedirs(place, exist_ok=True)
        system.mount(path, place, None, system.MS_BIND | system.MS_REC)
        for pattern in ("", "python*/"):
            for hidden in glob.glob(f"{place}/{pattern}*-packages"):
                system.mount("tmpfs", hidden, "tmpfs", system.MS_NOSUID, "size=4k")
    elif os.path.exists(path):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w"):
            pass
        system.mount(path, place, None, system.MS_BIND)


def _new_user(proc: int, *kinds: str) -> None:
    """Namespaces of these kinds, in a user namespace where this user is nobody."""
    user, group = os.geteuid(), os.getegid()
    system.prctl(system.PR_SET_DUMPABLE, 1)
    system.unshare("user", *kinds)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {user} 1"), ("gid_map", f"{NOBODY} {group} 1")):
        file = os.open(f"self/{name}", os.O_WRONLY, dir_fd=proc)
        try:
            os.write(file, text.encode())
        finally:
            os.close(file)


def enter(ground: Ground, tmp_bytes: int, tmp: str) -> None:
    """What a checker does before it begins a candidate; what is forbidden to it from here on is to both."""
    if ground.tier == "landlock":
        system.drop_capabilities()
        landlock.restrict((*ground.readable, "/proc"), [tmp], may_signal=True)
    if ground.tier in CONTAINERS:
        # It may end the candidate, whose user it has as its real one; the candidate may not look into it.
        _give_up_rights(NOBODY, _CHECKER)
    if ground.tier == "namespaces":
        _new_user(ground.proc, "mount", "pid", "net", "ipc", "uts")
        options = f"size={tmp_bytes},nr_inodes=4096,mode=700"
        system.mount("tmpfs", TMP, "tmpfs", system.MS_NOSUID | system.MS_NODEV, options)


def confine(ground: Ground, tmp: str, may_signal: Sequence[int] | None) -> None:
    """Give up for good what computing does not need; signals only to the processes named, None: to all there are."""
    system.drop_capabilities()
    if ground.tier == "landlock" and not may_signal:
        landlock.restrict(ground.readable, [tmp], may_signal=False)
    seccomp.confine(may_signal, landlock.version() if ground.tier == "landlock" else 0)
