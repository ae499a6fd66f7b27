"""Files that a verb writes when its long work is done."""

from pathlib import Path


def check_output(path: Path | None, option: str) -> None:
    """ValueError where the file could not be written: better before an hour of work than after it."""
    if path is None:
        return
    if path.is_dir():
        raise ValueError(f"`{option} {path}` must be a file, but is a folder.")
    if not path.parent.is_dir():
        raise ValueError(f"`{option} {path}` must be in a folder that exists, but `{path.parent}` does not.")
