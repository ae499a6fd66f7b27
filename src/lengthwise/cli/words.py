"""The words behind a verb: at most one name, and any number of `path=value`."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from lengthwise.config import parse_assignments

Words = Annotated[list[str] | None, typer.Argument(metavar="[NAME] [path=value]...", show_default=False)]
FilesAndAssignments = Annotated[
    list[str] | None, typer.Argument(metavar="[FILE]... [path=value]...", show_default=False)
]
Assignments = Annotated[list[str] | None, typer.Argument(metavar="[path=value]...", show_default=False)]


def split(words: Sequence[str] | None) -> tuple[str | None, dict[str, str]]:
    """The name (None if none is given) and the assignments, in any order."""
    names = [word for word in words or () if "=" not in word]
    if len(names) > 1:
        raise ValueError(f"`{names[1]}` must be `path=value`, because `{names[0]}` already is the name.")
    return (names[0] if names else None), parse_assignments(word for word in words or () if "=" in word)


def decode_settings(words: Sequence[str] | None) -> dict[str, Any]:
    """Fields of `DecodeConfig` from `decode.beam=4` or `beam=4`; ValueError where a word is a name."""
    name, assignments = split(words)
    if name is not None:
        raise ValueError(f"`{name}` must be `path=value`, such as `decode.beam=1`.")
    return {path.removeprefix("decode."): value for path, value in assignments.items()}
