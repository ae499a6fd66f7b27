import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from attacks import ATTACKS, BENIGN, CHECKS, RIGHT
from isolation import TIERS, sandbox_of

from lengthwise.sandbox import Limits, Program, Sandbox
from lengthwise.sandbox.tiers import CONTAINERS

LIMITS = Limits(cpu_seconds=0.5, wall_seconds=20.0, memory_bytes=256 << 20, tmp_bytes=8 << 20)
SEES = """import os
def f():
    files = os.listdir("/tmp") + (os.listdir("/dev/shm") if os.path.exists("/dev/shm") else [])
    return sum(name.isdigit() for name in os.listdir("/proc")), [file for file in files if file != os.getcwd()[5:]]
"""
"""The processes in a container (the program's own, its checker, the zygote), and what others left in files."""


@pytest.fixture(scope="module", params=TIERS)
def sandbox(request) -> Iterator[Sandbox]:
    with sandbox_of(request.param, LIMITS) as sandbox:
        yield sandbox


def children(sandbox: Sandbox) -> str:
    """All that a program could have left: an orphan becomes a child of the zygote."""
    if sandbox.tier in CONTAINERS:
        seen = sandbox.run(Program(code=SEES, checks="assert f() == (3, [])", names=["f"]))
        return "" if seen.is_passed else seen.message
    pid = sandbox._all[0]._process.pid
    return Path(f"/proc/{pid}/task/{pid}/children").read_text()


def test_the_suite_has_enough_of_every_kind():
    counts = Counter(kind for kind, _, _ in ATTACKS)
    assert len(counts) == 15 and min(counts.values()) >= 4 and len(ATTACKS) >= 60


@pytest.mark.parametrize(("kind", "name", "code"), ATTACKS, ids=[f"{kind}: {name}" for kind, name, _ in ATTACKS])
def test_no_attack_passes_or_leaves_anything(sandbox: Sandbox, kind: str, name: str, code: str):
    begun = time.monotonic()
    result = sandbox.run(Program(code=code, checks=CHECKS, names=["f"]))
    assert result.verdict not in ("passed", "refused"), result
    # On an idle machine within two seconds of the limit (docs/results.md); other tests run beside this one.
    assert time.monotonic() - begun < LIMITS.cpu_seconds + 12
    assert len(result.output) <= 4096 and len(result.message) <= 2000
    assert children(sandbox) == ""
    assert not any(
        Path(place).exists()
        for place in ("/x", "/usr/x", "/srv/x", "/var/tmp/x", "/tmp/x", "/tmp/lengthwise-left", "/dev/shm/lengthwise")
    )
    assert sandbox.run(Program(code=RIGHT, checks=CHECKS, names=["f"])).is_passed


@pytest.mark.parametrize("name", BENIGN)
def test_programs_that_only_look_odd_pass(sandbox: Sandbox, name: str):
    code, checks = BENIGN[name]
    # gVisor's system calls are slow where it traces processes.
    limits = Limits(cpu_seconds=60.0 if sandbox.tier == "gvisor" else 5.0)
    result = sandbox.run(Program(code=code, checks=checks, names=["f"]), limits)
    assert result.is_passed, result
