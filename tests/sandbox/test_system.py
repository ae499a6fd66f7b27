import os

import pytest
from isolation import alone

from lengthwise.sandbox import system


def test_a_call_that_fails_says_which_and_why():
    with pytest.raises(OSError, match="pivot_root"):
        system.syscall("pivot_root", b"/nowhere", b"/nowhere")


def test_privileges_are_given_up_for_good():
    code = "from lengthwise.sandbox import system\nsystem.drop_capabilities()\nprint(open('/proc/self/status').read())"
    status = dict(line.split(":\t") for line in alone(code).splitlines() if ":\t" in line)
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    # Only who has privileges can shorten this list; for others it is without effect, as no program gives any.
    assert int(status["CapBnd"], 16) == 0 or os.geteuid() != 0
    assert status["NoNewPrivs"] == "1"


def test_a_child_ends_with_its_parent():
    code = """
import os, time
from lengthwise.sandbox import system
reader, writer = os.pipe()
pid = os.fork()
if pid == 0:
    if os.fork() == 0:
        system.die_with_parent(os.getppid())
        os.write(writer, str(os.getpid()).encode())
        time.sleep(60)
    os.read(reader, 0); time.sleep(0.3)
    os._exit(0)
child = int(os.read(reader, 20))
os.waitpid(pid, 0)
for _ in range(100):
    time.sleep(0.02)
    try:
        state = open(f"/proc/{child}/stat").read().split()[2]
    except OSError:
        state = "gone"
    if state in ("gone", "Z"):
        break
print(state)
"""
    assert alone(code) in ("gone", "Z")
