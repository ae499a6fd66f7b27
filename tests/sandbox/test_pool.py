import gc
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from isolation import TIERS, sandbox_of

from lengthwise.sandbox import Limits, Program, Sandbox, SandboxUnavailable, pool

RIGHT = Program(code="def f(x): return x * 2", checks="assert f(2) == 4", names=["f"])
WRONG = Program(code="def f(x): return x", checks="assert f(2) == 4", names=["f"])


def test_the_best_tier_is_chosen_and_recorded():
    with sandbox_of("namespaces"), Sandbox(1) as sandbox:
        assert sandbox.tier == "namespaces" and sandbox.run(RIGHT).tier == "namespaces"


def test_nothing_runs_without_isolation(monkeypatch):
    monkeypatch.setattr(pool, "TIERS", ("impossible",))
    with pytest.raises(
        SandboxUnavailable, match="No isolation is to be had here .*impossible.*Allow unprivileged user"
    ):
        Sandbox(1)


@pytest.mark.parametrize("tier", TIERS)
def test_verdicts_come_with_their_keys_from_several_workers(tier):
    with sandbox_of(tier, workers=3) as sandbox:
        programs = [(number, RIGHT if number % 3 else WRONG) for number in range(40)]
        found = {key: result.is_passed for key, result in sandbox.map(programs)}
    assert found == {number: bool(number % 3) for number in range(40)}


def test_programs_are_taken_as_they_can_run():
    taken = []

    def programs():
        for number in range(1000):
            taken.append(number)
            yield number, RIGHT

    with sandbox_of("namespaces", workers=2) as sandbox:
        verdicts = sandbox.map(programs())
        next(verdicts)
        assert len(taken) <= 6
        verdicts.close()


def test_a_busy_machine_changes_no_verdict():
    slow = Program(
        code="def f(x):\n    s = 0\n    for i in range(2_000_000): s += i\n    return 4",
        checks=RIGHT.checks,
        names=["f"],
    )
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(8)]
    try:
        with sandbox_of("namespaces", Limits(cpu_seconds=1.0), workers=2) as sandbox:
            assert all(result.is_passed for _, result in sandbox.map(enumerate([slow] * 4)))
    finally:
        for each in busy:
            each.kill()
            each.wait()


@pytest.mark.slow
@pytest.mark.parametrize("tier", TIERS)
def test_nothing_is_left_of_ten_thousand_programs(tier):
    def state():
        gc.collect()
        memory = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
        return len(os.listdir("/proc/self/fd")), len(Path("/proc/self/mounts").read_text().splitlines()), memory

    with sandbox_of(tier, workers=2) as sandbox:
        mixed = [RIGHT, WRONG, Program(code="import os\nos._exit(0)", checks=RIGHT.checks, names=["f"])]
        count = 2_000 if tier == "gvisor" else 10_000
        list(sandbox.map((n, mixed[n % 3]) for n in range(200)))
        files, mounts, memory = state()
        zygotes = [worker._process.pid for worker in sandbox._all]
        before = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in zygotes]
        passed = sum(result.is_passed for _, result in sandbox.map((n, mixed[n % 3]) for n in range(count)))
        assert passed == sum(n % 3 == 0 for n in range(count))
        found = state()
        assert found[:2] == (files, mounts) and found[2] - memory < 20 << 20
        assert [worker._process.pid for worker in sandbox._all] == zygotes
        for pid, pages in zip(zygotes, before, strict=True):
            assert (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) - pages) * resource.getpagesize() < 20 << 20
    time.sleep(0.1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in zygotes)
    assert not [name for name in os.listdir("/tmp") if name.startswith("lengthwise-")]
