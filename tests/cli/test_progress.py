import os
import pty
import subprocess
import sys

from lengthwise.cli.progress import progress

WORK = """
from lengthwise.cli.progress import progress
with progress() as report:
    report("reading", 1, None)
    report("reading", 2, 2)
    report("encoding", 3, 4)
print("done")
"""


def test_without_a_terminal_every_stage_is_one_line(capsys):
    with progress() as report:
        report("reading", 0, None)
        report("reading", 9, 10)
        report("encoding", 1, 10)
    captured = capsys.readouterr()
    assert captured.err == "reading ...\nencoding ...\n"
    assert captured.out == ""


def test_a_terminal_has_a_bar_and_its_standard_output_none():
    main, terminal = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        [sys.executable, "-c", WORK], stdout=subprocess.PIPE, stderr=terminal, env=environment
    ) as run:
        os.close(terminal)
        shown = b"".join(iter(lambda: _read(main), b"")).decode()
        assert run.stdout is not None and run.stdout.read() == b"done\n"
    os.close(main)
    assert "reading" in shown and "3/4" in shown


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux's way to say that the other end of a terminal is closed
        return b""
