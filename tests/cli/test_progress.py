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
    done = subprocess.run([sys.executable, "-c", WORK], stdout=subprocess.PIPE, stderr=terminal, env=environment)
    os.close(terminal)
    shown = os.read(main, 100_000).decode()
    os.close(main)
    assert done.stdout == b"done\n"
    assert "reading" in shown and "3/4" in shown
