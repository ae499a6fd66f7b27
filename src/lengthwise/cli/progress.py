"""How verbs show work in progress: a live bar on a terminal, a line per stage elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """A `report(what, done, total)` to give to whatever takes long."""
    if sys.stderr.isatty():
        with _live() as report:
            yield report
        return
    last = ""

    def plain(what: str, done: int, total: int | None) -> None:
        nonlocal last
        if what != last:
            last = what
            print(f"{what} ...", file=sys.stderr, flush=True)

    yield plain


@contextmanager
def _live() -> Iterator[Callable[[str, int, int | None], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {}

        def report(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield report
