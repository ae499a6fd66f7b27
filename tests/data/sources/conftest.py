"""Caches of their own, and real packages where the clients have them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lengthwise.data.sources.cache import Cached, SourceError
from lengthwise.data.sources.client import Offline


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "cache"
    monkeypatch.setenv("LENGTHWISE_CACHE", str(root))
    return root


@pytest.fixture
def fetched() -> Callable[[Cached], Cached]:
    """Fetches for real, or skips and says why it can't."""

    def fetch(material: Cached) -> Cached:
        try:
            material.fetch()
        except Offline as error:
            pytest.skip(str(error))
        except SourceError as error:
            if "is missing" in str(error) or "No Debian package source" in str(error):
                pytest.skip(str(error))
            raise
        return material

    return fetch
