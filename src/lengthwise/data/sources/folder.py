"""The files of a folder, by name, and none from outside it."""

from collections.abc import Collection
from pathlib import Path

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError


def files_of(folder: Path, endings: Collection[str] = ()) -> list[tuple[str, Path | Rejected]]:
    """Name within the folder and path of every file with one of these endings (all without any), sorted by name.

    Hidden files are left out, links that lead out of the folder rejected; SourceError where no file is left.
    """
    if not folder.is_dir():
        raise SourceError(f"`{folder}` must be a folder, but is not one. It counts from {Path.cwd()}.")
    root, found = folder.resolve(), list[tuple[str, Path | Rejected]]()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_wanted = not endings or path.suffix.lower() in endings
        if not is_wanted or not path.is_file() or any(part.startswith(".") for part in Path(name).parts):
            continue
        is_inside = path.resolve().is_relative_to(root)
        found.append((name, path if is_inside else Rejected(reason="a link out of the folder", where=name)))
    if not any(isinstance(path, Path) for _, path in found):
        wanted = f" ending in {', '.join(sorted(endings))}" if endings else ""
        raise SourceError(f"`{folder}` must hold files{wanted}, but has none. Check the path and the endings.")
    return found
