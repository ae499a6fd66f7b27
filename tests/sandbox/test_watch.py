import os
import subprocess
import sys
import time

import pytest

from lengthwise.sandbox.watch import Watch


@pytest.fixture
def proc():
    descriptor = os.open("/proc", os.O_PATH | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def watched(code: str, proc: int, seconds: float, others: int = 0) -> float:
    """What a process has used when it was watched for a while, with others beside it that never rest."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(others)]
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline()
        watch = Watch(process.pid, proc)
        before, end = watch.used(), time.monotonic() + seconds
        while time.monotonic() < end:
            watch.tick()
            time.sleep(0.02)
        used = watch.used() - before
        process.kill()
        for each in busy:
            each.kill()
            each.wait()
    return used


def test_sleep_counts(proc):
    assert 0.4 < watched("import time; print(flush=True); time.sleep(60)", proc, 0.6) < 0.8


def test_work_counts(proc):
    assert 0.02 < watched("print(flush=True)\nwhile True: pass", proc, 0.6) < 0.8


def test_waiting_for_a_core_does_not(proc):
    cores = len(os.sched_getaffinity(0))
    used = watched("print(flush=True)\nwhile True: pass", proc, 2.0, others=6 * cores)
    assert used < 0.8


def test_of_a_while_without_a_look_little_counts(proc):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        time.sleep(0.5)
        watch = Watch(process.pid, proc)
        watch.tick()
        before = watch.used()
        time.sleep(0.7)
        watch.tick()
        assert 0.1 < watch.used() - before < 0.3
        process.kill()


def test_rest_does_not(proc):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        time.sleep(0.5)
        watch = Watch(process.pid, proc)
        before = watch.used()
        watch.tick()
        watch.rest()
        time.sleep(0.3)
        watch.tick()
        assert watch.used() - before < 0.05
        process.kill()
        process.wait()
        watch.tick()
        assert watch.used() >= 0
