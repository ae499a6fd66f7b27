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


def refused(call: str) -> str:
    """The name of the error that a call ends in once the process is shut in."""
    shown = "print('allowed')\nexcept OSError as error:\n    print(errno.errorcode[error.errno])"
    return alone(f"{_SHUT}\ntry:\n    {call}\n    {shown}")


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
