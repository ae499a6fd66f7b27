"""Lines of a text file that may be broken: one at a time, in bounded memory, bad ones named."""

from collections.abc import Iterator
from pathlib import Path

from lengthwise.data.problem import Rejected

MAX_LINE = 1_000_000
"""Bytes; a longer line is a broken file, not a sentence."""


def lines(path: Path) -> Iterator[tuple[str, str | Rejected]]:
    """Where each line stands (`pairs.tsv:17`) and the line without its end, or why it can't be read."""
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(MAX_LINE + 2):
            number += 1
            where = f"{path.name}:{number}"
            content = raw.rstrip(b"\r\n")
            if not raw.endswith(b"\n") and len(raw) > MAX_LINE:
                while raw and not raw.endswith(b"\n"):
                    raw = file.readline(1 << 20)
            yield where, _decoded(content, where, is_first=number == 1)


def count_lines(path: Path) -> int:
    """Number of lines; a last one without an end counts."""
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count + (last != b"\n")


def _decoded(content: bytes, where: str, *, is_first: bool) -> str | Rejected:
    if len(content) > MAX_LINE:
        return Rejected(reason="a line over 1 MB", where=where)
    try:
        return content.decode("utf-8-sig" if is_first else "utf-8")
    except UnicodeDecodeError:
        return Rejected(reason="invalid UTF-8", where=where)
