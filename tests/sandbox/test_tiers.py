import os
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
