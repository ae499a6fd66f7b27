"""Which files of a Hugging Face data set are of which configuration and split: as its README says, or their names."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from lengthwise.data.sources.cache import SourceError

READABLE = (".parquet", ".jsonl", ".json", ".csv", ".tsv")
WORDS = {
    "train": "train", "training": "train", "validation": "validation", "valid": "validation", "val": "validation",
    "dev": "validation", "test": "test", "testing": "test", "eval": "test", "evaluation": "test",
}  # fmt: skip
"""What names of splits are recognized in the names of files and folders."""
DEFAULT = "default"

Layout = Mapping[str, Mapping[str, Sequence[str]]]
"""Configuration to split to names of files."""


def layout_of(names: Sequence[str], readme: str) -> Layout:
    """Of these files and this README, whose YAML head may hold `configs`; SourceError where nothing can be read."""
    files = sorted(name for name in names if PurePosixPath(name).suffix in READABLE and not _is_hidden(name))
    declared = _configs(readme)
    if declared:
        found = {str(each.get("config_name", DEFAULT)): _declared(each, files) for each in declared}
    else:
        found = {DEFAULT: _by_names(files)}
    found = {config: splits for config, splits in found.items() if splits}
    if not found:
        raise SourceError(f"A data set must have files ending in {', '.join(READABLE)}, but this one has none to read.")
    return found


def main_config(layout: Layout, readme: str) -> str:
    """The one that is meant where none is named; SourceError where there are several and none is the default."""
    marked = [str(each.get("config_name", DEFAULT)) for each in _configs(readme) if each.get("default")]
    choices = [*marked, DEFAULT, *(layout if len(layout) == 1 else ())]
    found = next((config for config in choices if config in layout), None)
    if found is None:
        raise SourceError(f"A configuration must be named, one of {', '.join(layout)}: hub:owner/name/{min(layout)}.")
    return found


def _configs(readme: str) -> list[dict[str, Any]]:
    head = re.match(r"---\r?\n(.*?)\r?\n---", readme, re.DOTALL)
    if head is None:
        return []
    try:
        import yaml
    except ImportError:
        raise SourceError("Reading a data set's README.md needs PyYAML: `pip install 'lengthwise[hub]'`.") from None
    try:
        found = yaml.safe_load(head[1])
    except yaml.YAMLError:
        raise SourceError("The head of the data set's README.md must be YAML, but is not.") from None
    configs = found.get("configs") if isinstance(found, dict) else None
    return [each for each in configs if isinstance(each, dict)] if isinstance(configs, list) else []


def _declared(config: Mapping[str, Any], files: Sequence[str]) -> dict[str, list[str]]:
    """`data_files`: a pattern, several, or several of {split, path}; `data_dir`: where they count from."""
    folder = f"{str(config.get('data_dir', '')).strip('./')}/".lstrip("/")
    inside = [name for name in files if name.startswith(folder)]
    given = config.get("data_files")
    if given is None:
        return _by_names(inside)
    found: dict[str, list[str]] = {}
    for each in given if isinstance(given, list) else [given]:
        split, paths = (each.get("split", "train"), each.get("path")) if isinstance(each, dict) else ("train", each)
        for path in paths if isinstance(paths, list) else [paths]:
            pattern = folder + str(path).removeprefix("./")
            matching = [name for name in inside if fnmatchcase(name, pattern) or name.startswith(f"{pattern}/")]
            found.setdefault(str(split), []).extend(matching)
    return {split: list(dict.fromkeys(names)) for split, names in found.items() if names}


def _by_names(files: Sequence[str]) -> dict[str, list[str]]:
    """Splits that names of files or folders tell; where none does, all is train."""
    found: dict[str, list[str]] = {}
    for name in files:
        split = _split_in(name)
        if split is not None:
            found.setdefault(split, []).append(name)
    return found or ({"train": list(files)} if files else {})


def _split_in(name: str) -> str | None:
    words = re.split(r"[\W_]+|(?<=[a-z])(?=\d)", PurePosixPath(name).with_suffix("").as_posix().lower())
    return next((WORDS[word] for word in words if word in WORDS), None)


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "_")) for part in PurePosixPath(name).parts)
