"""Unpacked packages as a test writes them."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lengthwise.data.sources.cache import Entry
from lengthwise.data.sources.package import DebianPackages


@pytest.fixture
def unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[DebianPackages, Mapping[str, bytes]], None]:
    """Fills the cache as if these packages had been fetched, each with the same files (path -> content)."""
    monkeypatch.setenv("LENGTHWISE_CACHE", str(tmp_path / "cache"))

    def fill(material: DebianPackages, files: Mapping[str, bytes]) -> None:
        def write(tree: Path) -> dict[str, str]:
            for name, content in files.items():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                (tree / name).write_bytes(content)
            return {"package.deb": hashlib.sha256(b"").hexdigest()}

        digest = hashlib.sha256("\n".join(material.keep).encode()).hexdigest()[:8]
        for package in material.names:
            Entry(f"debian/{package}-{digest}").fill(write)

    return fill
