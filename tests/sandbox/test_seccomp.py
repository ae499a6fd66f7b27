import errno

import pytest
from isolation import alone

from lengthwise.sandbox import seccomp, system

_SHUT = """
import ctypes, errno, os
from lengthwise.sandbox import seccomp, system
system.drop_capabilities()
seccomp.confine(())
"""
_SHOWN = "print('allowed')\nexcept OSError as error:\n    print(errno.errorcode[error.errno])"


def refused(call: str) -> str:
    """The name of the error that a call ends in once the process is shut in."""
    return alone(f"{_SHUT}\ntry:\n    {call}\n    {_SHOWN}")


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("os.fork()", "EPERM"),
        ("os.execv('/bin/true', ['true'])", "EPERM"),
        ("__import__('socket').socket()", "EPERM"),
        ("os.kill(1, 0)", "EPERM"),
        ("os.kill(os.getpid(), 0)", "allowed"),
        ("os.chroot('/')", "EPERM"),
        ("os.setuid(0)", "EPERM"),
        ("os.memfd_create('x')", "EPERM"),
        ("__import__('resource').prlimit(1, 0)", "EPERM"),
        ("__import__('resource').setrlimit(7, (5, 5))", "allowed"),
        ("__import__('socket').socketpair()", "allowed"),
        ("__import__('threading').Thread(target=print, args=('',)).start()", "allowed"),
        ("os.listdir('/')", "allowed"),
        ("__import__('tempfile').TemporaryFile()", "allowed"),
        ("__import__('fcntl').ioctl(0, 0x5412, b'x')", "ENOTTY"),
    ],
)
def test_computing_is_left_and_nothing_else(call, answer):
    assert refused(call) == answer


@pytest.mark.parametrize(
    ("landlock", "call", "answer"),
    [
        (0, "os.truncate('x', 0)", "allowed"),
        (3, "os.truncate('x', 0)", "allowed"),
        (2, "os.truncate('x', 0)", "EPERM"),
        (2, "os.open('x', os.O_RDONLY | os.O_TRUNC)", "EPERM"),
        (2, "os.open('x', 3 | os.O_TRUNC)", "EPERM"),
        (2, "os.open('x', os.O_WRONLY | os.O_TRUNC)", "allowed"),
        (2, "os.open('x', os.O_RDWR | os.O_TRUNC)", "allowed"),
        (2, "os.open('x', os.O_RDONLY)", "allowed"),
    ],
)
def test_what_an_old_landlock_does_not_cover_is_refused(landlock, call, answer, tmp_path):
    (tmp_path / "x").write_text("kept")
    shut = _SHUT.replace("confine(())", f"confine((), {landlock})")
    code = f"{shut}\nos.chdir({str(tmp_path)!r})\ntry:\n    {call}\n    {_SHOWN}"
    assert alone(code) == answer


@pytest.mark.parametrize(("landlock", "mode"), [(0, 0o640), (6, 0o600)])
def test_modes_change_only_where_no_file_outside_is_in_sight(landlock, mode, tmp_path):
    path = tmp_path / "x"
    path.touch(0o600)
    shut = _SHUT.replace("confine(())", f"confine((), {landlock})")
    alone(f"{shut}\nos.chmod({str(path)!r}, 0o640)")
    assert path.stat().st_mode & 0o777 == mode


def test_another_call_table_ends_the_process():
    if system.MACHINE != "x86_64":
        pytest.skip("only x86-64 has another call table")
    with pytest.raises(AssertionError):
        alone(f"{_SHUT}ctypes.CDLL(None).syscall(0x40000000 + 39)")


def test_both_machines_tables_hold_what_python_needs():
    needed = {
        "read",
        "write",
        "openat",
        "mmap",
        "futex",
        "clone",
        "exit_group",
        "getrandom",
        "newfstatat",
        "getdents64",
    }
    for machine, numbers in seccomp._NUMBERS.items():
        assert needed <= numbers.keys(), machine
        assert len(set(numbers.values())) == len(numbers)
        assert not numbers.keys() & {
            "ptrace",
            "mount",
            "execve",
            "socket",
            "bpf",
            "setns",
            "unshare",
            "process_vm_readv",
        }


def test_refusals_are_errors_and_no_crashes():
    assert errno.errorcode[errno.EPERM] == "EPERM" and refused("os.mkfifo('/tmp/lengthwise-fifo')") == "EPERM"
