"""The `lengthwise` command: gathers the verbs and turns a user's errors into one clear line."""

import functools
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from lengthwise import __version__

# A verb is a module of this package with a function `command`, whose docstring and annotations are its help.
VERBS = (
    "list",
    "show",
    "show-data",
    "curate",
    "prepare",
    "train",
    "sweep",
    "evaluate",
    "decode",
    "lengths",
    "code-eval",
)

MISTAKE, INTERRUPTED = 2, 130


def main(words: Sequence[str] | None = None) -> None:
    """Run `lengthwise` with these words (default: the process's) and exit."""
    _application()(args=words, prog_name="lengthwise")


def _application() -> typer.Typer:
    application = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    application.callback(no_args_is_help=True)(_root)
    for verb in VERBS:
        application.command(verb)(guarded(import_module(f"lengthwise.cli.{verb.replace('-', '_')}").command))
    return application


def _print_version(is_asked: bool) -> bool:
    if is_asked:
        print(f"lengthwise {__version__}")
        raise typer.Exit
    return is_asked


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Train, decode, measure and show sequence models of every kind."""


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same command, whose user errors are one line on stderr and exit code 2; Ctrl-C is 130.

    `LENGTHWISE_TRACEBACK=1` shows the whole traceback instead.
    """

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
            sys.stdout.flush()
        except KeyboardInterrupt:
            _say("interrupted.")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # Whoever read us has enough (`lengthwise list | head`); Python must not fail on the last flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except (ValueError, OSError) as error:
            if os.environ.get("LENGTHWISE_TRACEBACK") == "1":
                raise
            if not getattr(error, "is_told", False):
                _say(_one_line(error))
            raise typer.Exit(MISTAKE) from None

    return run


def _one_line(error: ValueError | OSError) -> str:
    if isinstance(error, OSError) and error.strerror:
        places = [str(place) for place in (error.filename, error.filename2) if place is not None]
        return ": ".join(
            [error.strerror, " -> ".join(f"`{place}`" for place in places)] if places else [error.strerror]
        )
    return " ".join(str(error).split()) or type(error).__name__


def _say(message: str) -> None:
    print(f"lengthwise: {message}", file=sys.stderr)
