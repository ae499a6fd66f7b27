"""Checkpoints: a directory that appears whole or not at all, and is believed only if every byte is as written."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from torch import Tensor

from lengthwise.training import tensor_file
from lengthwise.training.schedules import Plateau
from lengthwise.training.step import TrainingError

FORMAT = 2
WEIGHTS, OPTIMIZER, RANDOM = "weights.safetensors", "state/optimizer.safetensors", "state/random.safetensors"
META = "meta.json"

Files = Mapping[str, Mapping[str, Any]]
"""Size and pieces of each file, by its path in the checkpoint."""


class CheckpointError(TrainingError):
    """A checkpoint could not be written, or is not what was written."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is: all that a resumed run must know besides tensors. `step` is the data cursor too."""

    step: int = 0
    total_steps: int | None = None
    """None while `minutes` are not yet resolved."""
    seconds: float = 0.0
    """Spent in steps, summed over resumes."""
    cpu_seconds: float = 0.0
    """The same as time of the process over all its threads."""
    validated_step: int = 0
    """The last step that was validated."""
    best_step: int | None = None
    best_score: float | None = None
    num_validations_since_best: int = 0
    window_loss: float = 0.0
    """Sum of the losses since the last row of metrics."""
    window_steps: int = 0
    plateau: Plateau = field(default_factory=Plateau)
    """Of the learning rate, where the schedule asks for it."""


def aside(path: Path) -> Path:
    """The empty directory in which a checkpoint is written before it is published as `path`."""
    found = discard(path)
    found.mkdir(parents=True)
    return found


def discard(path: Path) -> Path:
    """Remove what was written of a checkpoint that can't be published; returns where it lay."""
    found = path.with_name(f".{path.name}.part")
    shutil.rmtree(found, ignore_errors=True)
    return found


def publish(path: Path, written: Path, files: Files, progress: Progress) -> None:
    """Make a directory with these files, whole and durable, the checkpoint `path` at once."""
    meta = {"format": FORMAT, "progress": asdict(progress), "files": files}
    write_durably(written / META, json.dumps(meta))
    for directory in {(written / name).parent for name in files} | {written}:
        _sync_directory(directory)
    if path.exists():
        # Only ever an older average: checkpoints of steps are written once.
        shutil.rmtree(path)
    written.rename(path)
    _sync_directory(path.parent)


def not_written(path: Path, error: OSError) -> CheckpointError:
    """What a user is told where the disk refuses."""
    return CheckpointError(
        f"The checkpoint {path} could not be written ({error.strerror or error}); earlier ones are kept. "
        "Make room and run the same command again: it resumes."
    )


def load_progress(path: Path) -> Progress:
    """Check every file against its checksum and return the progress; raises CheckpointError with the reason."""
    try:
        meta = json.loads((path / META).read_text())
        for name, expected in meta["files"].items():
            if reason := tensor_file.difference(path / name, expected):
                raise CheckpointError(reason)
        known = {field.name for field in fields(Progress)}
        found = {key: value for key, value in meta["progress"].items() if key in known}
        return Progress(**{**found, "plateau": Plateau.of(found.get("plateau", {}))})
    except FileNotFoundError as error:
        raise CheckpointError(f"{Path(error.filename).name} is missing") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{META} is not readable") from error


def refuse_other_format(path: Path) -> None:
    """CheckpointError where an earlier version wrote what training goes on from."""
    found = json.loads((path / META).read_text())["format"]
    if found != FORMAT:
        raise CheckpointError(
            f"The checkpoint {path} must be of format {FORMAT} for training to go on from it, but is of {found}, an "
            "earlier version's. It still decodes and evaluates; train anew with another `--run`."
        )


def average(paths: Sequence[Path]) -> dict[str, Tensor]:
    """The mean of the checkpoints' weights (Vaswani et al. 2017, 6.1), summed in fp64; integers are the last one's."""
    sums: dict[str, Tensor] = {}
    last: dict[str, Tensor] = {}
    for path in paths:
        last = tensor_file.read(path / WEIGHTS)
        for name, tensor in last.items():
            if tensor.is_floating_point():
                sums[name] = tensor.double() + sums[name] if name in sums else tensor.double()
    return {
        name: (sums[name] / len(paths)).to(tensor.dtype) if name in sums else tensor for name, tensor in last.items()
    }


def save_average(path: Path, sources: list[Path], progress: Progress) -> None:
    """Publish the average of some checkpoints as a checkpoint of weights alone."""
    weights = average(sources)
    try:
        written = aside(path)
        publish(path, written, {WEIGHTS: tensor_file.write(written / WEIGHTS, weights)}, progress)
    except OSError as error:
        discard(path)
        raise not_written(path, error) from error


def write_durably(path: Path, text: str) -> None:
    """Write a small file so that a crash leaves the old one or the new one."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
