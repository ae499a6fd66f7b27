import os
import socket
from itertools import pairwise

import pytest
from isolation import TIERS, sandbox_of

from lengthwise.sandbox import Program, tiers


def test_the_interpreter_needs_its_library_and_nothing_of_the_user():
    found = list(tiers.visible())
    assert any(os.path.dirname(os.__file__).startswith(path) for path in found)
    assert not any(path in ("/", "/etc", os.getcwd()) for path in found)
    assert not any(second.startswith(first + "/") for first, second in pairwise(sorted(found)))


@pytest.mark.parametrize("tier", TIERS)
def test_a_program_finds_an_empty_house(tier):
    code = """
import os
def f(places):
    found = []
    for place in places:
        try:
            os.listdir(place) if place.endswith("/") else open(place).read()
            found.append(place)
        except OSError:
            pass
    return found, sorted(os.environ), os.listdir(".")
"""
    places = [
        "/etc/passwd",
        "/etc/",
        "/proc/self/environ",
        "/proc/1/environ",
        "/home/",
        "/var/",
        "/run/",
        f"{os.getcwd()}/",
    ]
    # In a container are /proc, which the watch needs, its own name, and the way to the one package that it holds.
    shown = {"gvisor": places[2:4] + places[-1:], "podman": [places[1], *places[-2:]]}.get(tier, [])
    checks = f"""
found, environment, files = f({places!r})
assert (found, environment, files) == ({shown!r}, ["TMPDIR"], []), (found, environment, files)
"""
    with sandbox_of(tier) as sandbox:
        result = sandbox.run(Program(code=code, checks=checks, names=["f"]))
        assert result.is_passed, result


def test_packages_are_hidden_as_they_could_hold_the_answers():
    code = "import glob\ndef f(x): return [g for p in x for g in glob.glob(p + '/*')]"
    places = [
        p for p in (f"{path}/{each}" for path in tiers.visible() for each in ("python3/dist-packages", "site-packages"))
    ]
    with sandbox_of("namespaces") as sandbox:
        result = sandbox.run(Program(code=code, checks=f"assert f({places!r}) == []", names=["f"]))
        assert result.is_passed, result


def test_a_program_of_namespaces_is_nobody_and_first_of_its_own():
    with sandbox_of("namespaces") as sandbox:
        code = "import os, socket\ndef f(x): return os.getpid(), os.getuid(), os.getgid(), os.getppid()"
        result = sandbox.run(Program(code=code, checks="assert f(1) == (1, 65534, 65534, 0)", names=["f"]))
        assert result.is_passed, result


@pytest.mark.parametrize("tier", TIERS)
def test_a_program_leaves_files_outside_as_they_are(tier, tmp_path):
    """Landlock covers `truncate` from version 3 on, and `chmod` and `utime` never; open(2) with O_TRUNC is both."""
    code = """
import os
def f(path):
    for change in (
        lambda: os.truncate(path, 0), lambda: os.chmod(path, 0o777), lambda: os.utime(path, (1, 1)),
        lambda: os.open(path, os.O_RDONLY | os.O_TRUNC), lambda: os.open(path, 3 | os.O_TRUNC),
        lambda: os.open(path, os.O_WRONLY), lambda: os.unlink(path), lambda: os.rename(path, path + "2"),
    ):
        try: change()
        except OSError: pass
    return 1
"""
    path = tmp_path / "kept"
    path.write_text("kept")
    path.chmod(0o600)
    before = path.stat()
    with sandbox_of(tier) as sandbox:
        assert sandbox.run(Program(code=code, checks=f"f({str(path)!r})", names=["f"])).is_passed
    after = path.stat()
    assert path.read_text() == "kept" and (before.st_mode, before.st_mtime) == (after.st_mode, after.st_mtime)


@pytest.mark.parametrize("tier", TIERS)
def test_a_program_sends_nothing_to_a_socket_with_a_name(tier, tmp_path):
    code = """
import socket
def f(path):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        try: socket.socketpair(socket.AF_UNIX, kind)[0].sendto(b"x", path)
        except OSError: pass
    return 1
"""
    for path in (str(tmp_path / "s"), "\0lengthwise-test"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server, sandbox_of(tier) as sandbox:
            server.bind(path)
            server.setblocking(False)
            assert sandbox.run(Program(code=code, checks=f"f({path!r})", names=["f"])).is_passed
            with pytest.raises(BlockingIOError):
                server.recv(9)


@pytest.mark.parametrize("tier", TIERS)
def test_files_are_copied_and_moved_in_its_folder(tier):
    code = """
import os, shutil
def f(x):
    open("a", "w").write("x"); os.mkdir("d")
    shutil.copy("a", "b"); shutil.copy2("a", "c"); shutil.move("c", "d/c"); shutil.copytree("d", "e")
    return sorted(os.listdir(".")), os.listdir("e")
"""
    with sandbox_of(tier) as sandbox:
        result = sandbox.run(Program(code=code, checks="assert f(1) == (['a', 'b', 'd', 'e'], ['c'])", names=["f"]))
        assert result.is_passed, result
