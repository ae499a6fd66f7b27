"""`lengthwise list`: what there is, one line each."""

from typing import Annotated

import typer

from lengthwise import catalog
from lengthwise.names import did_you_mean

KINDS: tuple[catalog.Kind, ...] = ("problems", "models", "recipes")


def command(
    kind: Annotated[str | None, typer.Argument(metavar="[problems|models|recipes]", show_default=False)] = None,
    filter: Annotated[str, typer.Option("--filter", metavar="TEXT", help="Only lines with this text.")] = "",
) -> None:
    """List problems, models and recipes by name."""
    if kind is not None and kind not in KINDS:
        raise ValueError(f"`{kind}` must be problems, models or recipes.{did_you_mean(kind, KINDS)}")
    sections = {each: _matching(each, filter) for each in KINDS if kind in (None, each)}
    if filter and not any(sections.values()):
        raise ValueError(f"Nothing has `{filter}` in its name or description. `lengthwise list` shows everything.")
    for each, names in sections.items():
        if len(sections) > 1 and names:
            print(f"{each}:")
        _print_aligned(names, indent="  " if len(sections) > 1 else "")


def _matching(kind: catalog.Kind, text: str) -> dict[str, str]:
    wanted = text.casefold()
    return {name: line for name, line in catalog.names(kind).items() if wanted in f"{name} {line}".casefold()}


def _print_aligned(names: dict[str, str], indent: str) -> None:
    width = max(map(len, names), default=0)
    for name, line in names.items():
        print(f"{indent}{name:<{width}}  {line}".rstrip())
