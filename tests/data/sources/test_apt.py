from pathlib import Path

import pytest

from lengthwise.data.sources import apt
from lengthwise.data.sources.cache import SourceError

DEB822 = """Types: deb
# a remark
URIs: http://example.org/debian
Suites: bookworm
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://example.com/tools
Suites: stable
Components: main
"""


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def test_only_debians_own_sources_are_used(etc):
    (etc / "sources.list.d" / "all.sources").write_text(DEB822)
    stanzas = list(apt.debian_stanzas(etc))
    assert len(stanzas) == 1 and "example.org/debian" in stanzas[0]


def test_one_line_sources_become_stanzas(etc):
    lines = [
        "deb [arch=amd64 signed-by=/keys/d.gpg] http://example.org/debian bookworm main contrib # ours",
        "deb-src http://example.org/debian bookworm main",
        "# deb http://example.org/debian sid main",
        "deb http://example.com/cloud bookworm main",
    ]
    (etc / "sources.list").write_text("\n".join(lines))
    assert list(apt.debian_stanzas(etc)) == [
        "Types: deb\nURIs: http://example.org/debian\nSuites: bookworm\nComponents: main contrib\n"
        "Signed-By: /keys/d.gpg"
    ]


def test_a_source_that_is_switched_off_is_not_used(etc):
    (etc / "sources.list.d" / "off.sources").write_text("Enabled: no\n" + DEB822)
    assert list(apt.debian_stanzas(etc)) == []


def test_without_apt_the_remedy_is_named(empty_cache, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="`apt-get` is missing: .* Run on Debian, or choose another problem"):
        apt.download("hello", tmp_path)


@pytest.mark.packages
def test_an_unknown_package_is_named(tmp_path, fetched):
    from lengthwise.data.sources.package import DebianPackages

    fetched(DebianPackages(("hello",), ("*/copyright",)))
    with pytest.raises(SourceError, match="Debian has no package `no-such-package-at-all`"):
        apt.download("no-such-package-at-all", tmp_path)
