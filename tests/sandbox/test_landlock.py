import pytest
from isolation import alone

from lengthwise.sandbox import landlock

pytestmark = pytest.mark.skipif(not landlock.version(), reason="the kernel has no Landlock")


def test_only_what_was_named_can_be_read_and_written(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a").write_text("a")
    (tmp_path / "read").mkdir()
    (tmp_path / "read" / "b").write_text("b")
    (tmp_path / "secret").write_text("c")
    code = f"""
import os
from lengthwise.sandbox import landlock, system
system.drop_capabilities()
os.chdir({str(tmp_path)!r})
landlock.restrict(["read"], ["mine"], may_signal=False)
def attempt(call):
    try:
        call()
        return 1
    except OSError:
        return 0
print(*map(attempt, [
    lambda: open("mine/a").read(), lambda: open("mine/c", "w").write("x"), lambda: os.mkdir("mine/d"),
    lambda: os.unlink("mine/a"), lambda: open("read/b").read(), lambda: open("read/b", "w"),
    lambda: open("secret").read(), lambda: os.listdir("."), lambda: open("new", "w"),
]))
"""
    assert alone(code) == "1 1 1 1 1 0 0 0 0"
