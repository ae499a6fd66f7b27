import mmap
import os

import pytest
from isolation import sandbox_of

from lengthwise.sandbox import Limits, Program
from lengthwise.sandbox.files import Files, HiddenFile

WAYS = {
    "a file": "file = open('x', 'wb'); file.write(DATA)",
    "deleted files": "files = [open('x', 'wb')]; os.unlink('x'); files[0].write(DATA)",
    "a locked folder": "os.mkdir('d', 0o300); file = open('d/x', 'wb'); file.write(DATA)",
    "a mapped file": (
        "file = open('x', 'w+b'); file.write(DATA); file.flush()\n"
        "    global kept; kept = mmap.mmap(file.fileno(), 4096); file.close(); os.unlink('x')"
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_a_program_hides_counts_too(way):
    begin = "import mmap, os, time\nDATA = b'x' * (12 << 20)\ndef f(x):\n    "
    code = f"{begin}{WAYS[way]}\n    time.sleep(0.5)\n    return x\n"
    with sandbox_of("landlock", Limits(tmp_bytes=4 << 20)) as sandbox:
        result = sandbox.run(Program(code=code, checks="assert f(1) == 1", names=["f"]))
        messages = {
            "a locked folder": "a folder that its owner has locked",
            "a mapped file": "a file that is mapped and deleted",
        }
        assert (result.verdict, result.message) == ("failed", messages.get(way, "over 4,194,304 bytes of files"))


def test_every_file_counts_once(tmp_path):
    proc = os.open("/proc", os.O_PATH)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"x" * 8192)
    os.link(tmp_path / "a" / "x", tmp_path / "y")
    files = Files(os.getpid(), proc, str(tmp_path))
    assert files.size() == 8192
    with open(tmp_path / "z", "wb") as file:
        file.write(b"x" * 4096)
        file.flush()
        os.unlink(tmp_path / "z")
        assert files.size() >= 8192 + 4096
    os.close(proc)


def test_a_mapped_file_is_seen_through_a_link_and_at_any_offset(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    proc = os.open("/proc", os.O_PATH)
    files = Files(os.getpid(), proc, str(tmp_path / "link"))
    path = tmp_path / "link" / "x"
    with open(path, "w+b") as file:
        file.truncate(1 << 40)
        mapped = mmap.mmap(file.fileno(), 4096, offset=(1 << 40) - 4096)
    assert files.size() == 0
    path.unlink()
    with mapped, pytest.raises(HiddenFile, match="mapped and deleted"):
        files.size()
    os.close(proc)


def test_a_folder_that_vanishes_is_none(tmp_path):
    proc = os.open("/proc", os.O_PATH)
    files = Files(os.getpid(), proc, str(tmp_path / "none"))
    assert files.size() == 0
    os.close(proc)
