"""Files of a folder with the text of the same name that lies beside each."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.folder import files_of

MAX_TEXT = 100_000
"""Bytes of a .txt file that may be what is said of another."""


class Pair(NamedTuple):
    """Two files of one name but for the ending; at least one is there."""

    stem: str
    """Name within the folder, without ending."""
    file: Path | None
    text: Path | None


def with_texts(folder: Path, endings: Collection[str]) -> Iterator[Pair | Rejected]:
    """Files with one of the endings and .txt files, by name; SourceError where there are none."""
    found: dict[str, dict[bool, Path]] = {}
    for name, path in files_of(folder, (*endings, ".txt")):
        if isinstance(path, Rejected):
            yield path
            continue
        files = found.setdefault(name[: -len(path.suffix)], {})
        is_text = path.suffix.lower() == ".txt"
        if is_text in files:
            yield Rejected(reason="another file of the same name", where=name)
        else:
            files[is_text] = path
    for stem, files in found.items():
        yield Pair(stem, files.get(False), files.get(True))


def text_lines(path: Path, where: str) -> list[str] | Rejected:
    """The lines that are not empty, white space made single spaces; or why there is none."""
    try:
        if path.stat().st_size > MAX_TEXT:
            return Rejected(reason="text over 100 kB", where=where)
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return Rejected(reason="invalid UTF-8", where=where)
    except OSError:
        return Rejected(reason="can't be read", where=where)
    return [" ".join(line.split()) for line in lines if line.strip()] or Rejected(reason="empty text", where=where)
