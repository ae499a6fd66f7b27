"""What tests of the sandbox share."""

import subprocess
import sys

import pytest

from lengthwise.sandbox import Limits, Sandbox, SandboxUnavailable
from lengthwise.sandbox.tiers import CONTAINERS

TIERS = ("namespaces", "landlock", *(pytest.param(name, marks=pytest.mark.slow) for name in CONTAINERS))


def sandbox_of(tier: str, limits: Limits | None = None, workers: int = 1) -> Sandbox:
    """One in this tier; skips by name where the machine forbids it."""
    try:
        return Sandbox(workers, limits, tier=tier)  # pyright: ignore[reportArgumentType]
    except SandboxUnavailable as error:
        pytest.skip(f"no isolation by {tier}: {error}")


def alone(code: str) -> str:
    """What a process of its own prints; it may shut itself in."""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()
