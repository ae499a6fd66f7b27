import os
import signal
import time
from pathlib import Path

import pytest
from isolation import TIERS, sandbox_of

from lengthwise.sandbox import Limits, Program
from lengthwise.sandbox.tiers import CONTAINERS

RIGHT = Program(code="def f(x): return x * 2", checks="assert f(2) == 4", names=["f"])


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("tier", TIERS)
def test_checks_that_never_end_are_ended_and_the_next_program_runs(tier):
    with sandbox_of(tier, Limits(cpu_seconds=1.0, wall_seconds=0.5)) as sandbox:
        endless = Program(code=RIGHT.code, checks="f(1)\nimport time\ntime.sleep(60)", names=["f"])
        result = sandbox.run(endless)
        assert (result.verdict, result.message) == ("timed out", "the checks themselves took too long")
        assert sandbox.run(RIGHT).is_passed


@pytest.mark.parametrize("tier", TIERS)
def test_nothing_is_left_of_a_program(tier):
    with sandbox_of(tier) as sandbox:
        pid = sandbox._all[0]._process.pid
        sandbox.run(RIGHT)
        files = len(os.listdir(f"/proc/{pid}/fd"))
        for _ in range(30):
            assert sandbox.run(RIGHT).is_passed
        assert (tier in CONTAINERS or children(pid) == []) and len(os.listdir(f"/proc/{pid}/fd")) == files


@pytest.mark.parametrize("tier", TIERS)
def test_all_end_with_the_evaluator(tier):
    sandbox = sandbox_of(tier)
    process = sandbox._all[0]._process
    sandbox._all[0]._stream.close()
    process.wait(5)
    assert process.returncode == 0


@pytest.mark.parametrize("tier", TIERS)
def test_a_zygote_that_is_killed_is_replaced_and_its_program_is_not_called_wrong(tier):
    with sandbox_of(tier) as sandbox:
        if tier in CONTAINERS:
            assert sandbox._all[0]._container is not None
            sandbox._all[0]._container.kill()
        os.kill(sandbox._all[0]._process.pid, signal.SIGKILL)
        time.sleep(0.1)
        result = sandbox.run(RIGHT)
        assert result.verdict == "refused" and "the sandbox's own process ended" in result.message
        assert sandbox.run(RIGHT).is_passed
