import os
import signal
import subprocess
import sys
from functools import partial
from typing import Annotated

import pytest
import typer

import lengthwise
from lengthwise.cli.main import VERBS, guarded, main


def run(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(words)
    captured = capsys.readouterr()
    return int(end.value.code or 0), captured.out, captured.err


def test_help_names_every_verb(capsys):
    code, out, _ = run(["--help"], capsys)
    assert code == 0
    assert all(f"\n  {verb} " in out for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_its_own_help(verb, capsys):
    code, out, _ = run([verb, "--help"], capsys)
    assert (code, out.startswith(f"Usage: lengthwise {verb} ")) == (0, True)


def test_the_version_is_printed(capsys):
    assert run(["--version"], capsys) == (0, f"lengthwise {lengthwise.__version__}\n", "")


def test_no_verb_is_answered_with_the_help(capsys):
    code, out, err = run([], capsys)
    assert code == 2
    assert "Commands:" in out + err


def test_an_unknown_verb_is_answered_with_the_nearest(capsys):
    code, _, err = run(["lits"], capsys)
    assert code == 2
    assert "Did you mean 'list'?" in err


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("`x` must be 1,\nbut is 2."), "lengthwise: `x` must be 1, but is 2.\n"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "lengthwise: 'utf-8' codec can't decode"),
        (
            FileNotFoundError(2, "No such file or directory", "a.tsv"),
            "lengthwise: No such file or directory: `a.tsv`\n",
        ),
        (FileNotFoundError("There is no run in `x`."), "lengthwise: There is no run in `x`.\n"),
        (OSError(28, "No space left on device"), "lengthwise: No space left on device\n"),
    ],
)
def test_a_users_error_is_one_line_on_stderr_and_exit_code_2(error, line, capsys):
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as end:
        guarded(command)()
    captured = capsys.readouterr()
    assert end.value.exit_code == 2
    assert captured.err.startswith(line)
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_the_traceback_is_there_for_who_asks(monkeypatch):
    def command() -> None:
        raise ValueError("no")

    monkeypatch.setenv("LENGTHWISE_TRACEBACK", "1")
    with pytest.raises(ValueError, match="no"):
        guarded(command)()


def test_our_own_faults_are_never_hidden():
    def command() -> None:
        raise AssertionError("ours")

    with pytest.raises(AssertionError):
        guarded(command)()


def test_a_guarded_command_keeps_its_options():
    def command(size: Annotated[int, typer.Option("--size")] = 3) -> None:
        """Do it."""

    application = typer.Typer()
    application.command()(guarded(command))
    parameters = typer.main.get_command(application).params
    assert "--size" in [option for parameter in parameters for option in parameter.opts]


def test_ctrl_c_ends_with_one_line_and_code_130():
    code = (
        "import time, typer\nfrom lengthwise.cli.main import guarded\n"
        "def wait():\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "application = typer.Typer()\napplication.command()(guarded(wait))\napplication()"
    )
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    # A shell makes what it runs in the background deaf to Ctrl-C; its children too, were it not for this.
    listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen([sys.executable, "-c", code], preexec_fn=listen, **pipes)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "lengthwise: interrupted.\n")


def test_a_reader_who_has_enough_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        words = [sys.executable, "-c", "from lengthwise.cli.main import guarded; guarded(lambda: print('x' * 100))()"]
        buffered = os.environ | {"PYTHONUNBUFFERED": ""}
        done = subprocess.run(words, stdout=pipe, stderr=subprocess.PIPE, text=True, env=buffered)
    assert "BrokenPipe" not in done.stderr


def test_python_m_lengthwise_is_the_same_command():
    done = subprocess.run([sys.executable, "-m", "lengthwise", "list", "zebras"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lengthwise: `zebras` must be problems, models or recipes.\n"
