"""What a prepared data set depends on, as one short name."""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from lengthwise.data.problem import Problem

# What reads prepared data, and so can change without preparing again.
READERS = (
    *("prepared.py", "order.py", "batches.py", "batching.py", "loader.py", "mixture.py", "packing.py", "pieces.py"),
    *("augmentation.py", "sound_augmentation.py", "spec_augment.py"),
)


def fingerprint(problem: Problem, parameters: Mapping[str, object]) -> dict[str, object]:
    """What goes into `manifest.json`: every ingredient, and `fingerprint`, 16 hexadecimal digits of their sha256."""
    ingredients: dict[str, object] = {
        "parameters": {key: _plain(value) for key, value in sorted(parameters.items())},
        "checksums": dict(sorted(problem.source.checksums().items())),
        "inputs": repr(problem.inputs),
        "targets": repr(problem.targets),
        "is_shared": problem.is_shared,
        "max_length": problem.max_length,
        "is_cut": problem.is_cut,
        "growth": problem.growth,
        "places": problem.places,
        "code": _code(problem),
    }
    digest = hashlib.sha256(json.dumps(ingredients, sort_keys=True).encode()).hexdigest()[:16]
    return {"fingerprint": digest, **ingredients}


def _plain(value: object) -> object:
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def _code(problem: Problem) -> str:
    """Sha256 of the files that write: all of `data/` but its readers, and where source, codecs and rows are from."""
    room = Path(__file__).parent
    files = {path for path in room.rglob("*.py") if path.relative_to(room).as_posix() not in READERS}
    for part in (type(problem.source), type(problem.inputs), type(problem.targets), *problem.source.code()):
        module = getattr(sys.modules.get(getattr(part, "__module__", "")), "__file__", None)
        if module:
            files.add(Path(module))
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
