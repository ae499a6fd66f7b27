import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from lengthwise.data.sources.cache import (
    Cached,
    Entry,
    SourceError,
    cache_root,
    sha256,
    whole_directory,
    write_atomically,
)


def fill_with(**files: str):
    def write(tree: Path) -> dict[str, str]:
        for name, text in files.items():
            (tree / name).write_text(text)
        return {"package.deb": "abc"}

    return write


def test_the_cache_is_where_the_environment_says(monkeypatch):
    monkeypatch.setenv("LENGTHWISE_CACHE", "~/somewhere")
    assert cache_root() == Path.home() / "somewhere"
    monkeypatch.delenv("LENGTHWISE_CACHE")
    assert cache_root() == Path.home() / ".cache" / "lengthwise"


def test_a_checksum_is_that_of_the_standard(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_file_is_replaced_as_a_whole(tmp_path):
    write_atomically(tmp_path / "deep" / "file", "old")
    write_atomically(tmp_path / "deep" / "file", b"new")
    assert [(path.name, path.read_text()) for path in (tmp_path / "deep").iterdir()] == [("file", "new")]


def test_a_directory_that_could_not_be_filled_vanishes_and_the_old_one_stays(tmp_path):
    with whole_directory(tmp_path / "target") as directory:
        (directory / "file").write_text("old")
    with pytest.raises(KeyboardInterrupt), whole_directory(tmp_path / "target") as directory:
        (directory / "file").write_text("half")
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
    assert (tmp_path / "target" / "file").read_text() == "old"


def test_an_entry_is_filled_once_and_knows_its_checksums(empty_cache):
    entry = Entry("debian/x")
    assert not entry.is_whole
    entry.fill(fill_with(a="1"))
    entry.fill(fill_with(a="2", b="3"))
    assert (entry.tree / "a").read_text() == "1"
    assert entry.origin == {"package.deb": "abc"}
    assert entry.checksums == {"a": sha256(entry.tree / "a")}
    entry.verify()


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_text("")])
def test_an_entry_with_a_missing_or_short_file_is_filled_again(empty_cache, damage):
    entry = Entry("debian/x")
    entry.fill(fill_with(a="1"))
    damage(entry.tree / "a")
    assert not entry.is_whole
    entry.fill(fill_with(a="2"))
    assert (entry.tree / "a").read_text() == "2"


def test_a_changed_file_of_the_same_size_is_named_and_the_entry_dropped(empty_cache):
    entry = Entry("debian/x")
    entry.fill(fill_with(a="1"))
    (entry.tree / "a").write_text("2")
    with pytest.raises(SourceError, match=r"tree/a was damaged .* Run the command again"):
        entry.verify()
    assert not entry.is_whole


def test_a_process_killed_while_filling_leaves_nothing_that_looks_whole(empty_cache):
    code = """
        import os
        from lengthwise.data.sources.cache import Entry
        def write(tree):
            (tree / "a").write_text("half")
            os._exit(9)
        Entry("debian/x").fill(write)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], env={**os.environ})
    assert done.returncode == 9
    assert not Entry("debian/x").is_whole
    Entry("debian/x").fill(fill_with(a="whole"))
    assert (Entry("debian/x").tree / "a").read_text() == "whole"


@pytest.mark.slow
def test_two_processes_fill_an_entry_once(empty_cache, tmp_path):
    code = """
        import sys, time
        from lengthwise.data.sources.cache import Entry
        def write(tree):
            open(sys.argv[1], "a").write("x")
            time.sleep(0.2)
            return {}
        Entry("debian/x").fill(write)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "count")]
    processes = [subprocess.Popen(command, env={**os.environ}) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert (tmp_path / "count").read_text() == "x"


def test_what_is_fetched_has_to_say_how():
    assert Cached.__abstractmethods__ == {"fetch", "checksums"}
