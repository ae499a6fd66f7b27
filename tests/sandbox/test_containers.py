import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from isolation import sandbox_of

from lengthwise.sandbox import Program, Sandbox, SandboxUnavailable
from lengthwise.sandbox.containers import PROGRAMS, Container
from lengthwise.sandbox.tiers import CONTAINERS

RIGHT = Program(code="def f(x): return x * 2", checks="assert f(2) == 4", names=["f"])


@pytest.mark.parametrize("tier", CONTAINERS)
def test_what_is_not_installed_is_named(tier, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SandboxUnavailable, match=f"{tier}: {PROGRAMS[tier]} is not installed"):
        Sandbox(1, tier=tier)


@pytest.mark.parametrize("tier", CONTAINERS)
def test_what_ends_at_once_is_named_and_leaves_nothing(tier, monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/false")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="ended before anything could run in it"):
        Sandbox(1, tier=tier)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("tier", CONTAINERS)
def test_a_container_sees_the_interpreter_and_may_write_nowhere_but_in_tmp(tier, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: name)
    container = Container(tier, "/source", 1 << 20)
    words = container.command(["python", "-c", "1"])
    container.remove()
    assert str(1 << 20) in " ".join(words) or tier == "gvisor"
    assert not container.folder.exists() and "none" in " ".join(words)


@pytest.mark.slow
@pytest.mark.parametrize("tier", CONTAINERS)
def test_nothing_is_left_where_the_evaluator_is_killed(tier):
    sandbox_of(tier).close()
    code = f"""
import os, signal
from lengthwise.sandbox import Sandbox
sandbox = Sandbox(1, tier={tier!r})
print(sandbox._all[0]._container.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    folder = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()
    until = time.monotonic() + 20
    while Path(folder).exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert folder and not Path(folder).exists()
