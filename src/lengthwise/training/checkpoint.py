"""Checkpoints: a directory that appears whole or not at all, and is believed only if every byte is as written."""

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lengthwise.contracts import Model
from lengthwise.training import tensor_file
from lengthwise.training.optimizers import Optimizer
from lengthwise.training.schedules import Plateau
from lengthwise.training.step import TrainingError

FORMAT = 1
WEIGHTS = "weights.safetensors"
_OPTIMIZER = "state/optimizer.safetensors"
_RANDOM = "state/random.safetensors"
_META = "meta.json"


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


@dataclass(frozen=True)
class TrainingState:
    """The tensors that training moves: the model's, the optimizer's and the random generators'."""

    model: Model
    optimizer: Optimizer

    def restore(self, path: Path) -> None:
        """Become what the checkpoint was saved from."""
        self.model.load_state_dict(tensor_file.read(path / WEIGHTS))
        self.optimizer.load_state(tensor_file.read(path / _OPTIMIZER))
        _restore_random(tensor_file.read(path / _RANDOM))

    def write(self, path: Path) -> dict[str, dict[str, int]]:
        """Write the files of a checkpoint; returns the size and checksum of each."""
        (path / "state").mkdir(parents=True)
        return {
            WEIGHTS: tensor_file.write(path / WEIGHTS, self.model.state_dict()),
            _OPTIMIZER: tensor_file.write(path / _OPTIMIZER, self.optimizer.state()),
            _RANDOM: tensor_file.write(path / _RANDOM, _random_state()),
        }


def save(path: Path, state: TrainingState, progress: Progress) -> None:
    """Write a checkpoint beside its place and move it there; raises CheckpointError where the disk refuses."""
    save_files(path, state.write, asdict(progress))


def save_files(path: Path, write: Callable[[Path], dict[str, dict[str, int]]], progress: Mapping[str, Any]) -> None:
    """Let `write(directory)` fill a directory and name its files' checksums, then publish it as `path` at once."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        meta = {"format": FORMAT, "progress": progress, "files": write(aside)}
        write_durably(aside / _META, json.dumps(meta, indent=1))
        for directory in {(aside / name).parent for name in meta["files"]} | {aside}:
            _sync_directory(directory)
        if path.exists():
            # Only ever an older average: checkpoints of steps are written once.
            shutil.rmtree(path)
        aside.rename(path)
        _sync_directory(path.parent)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise CheckpointError(
            f"The checkpoint {path} could not be written ({error.strerror or error}); earlier ones are kept. "
            "Make room and run the same command again: it resumes."
        ) from error


def load_progress(path: Path) -> Progress:
    """Check every file against its checksum and return the progress; raises CheckpointError with the reason."""
    try:
        meta = json.loads((path / _META).read_text())
        for name, expected in meta["files"].items():
            found = tensor_file.checksum(path / name)
            if found != expected:
                raise CheckpointError(_difference(name, found, expected))
        known = {field.name for field in fields(Progress)}
        found = {key: value for key, value in meta["progress"].items() if key in known}
        return Progress(**{**found, "plateau": Plateau.of(found.get("plateau", {}))})
    except FileNotFoundError as error:
        raise CheckpointError(f"{Path(error.filename).name} is missing") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{_META} is not readable") from error


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


def save_average(path: Path, sources: list[Path], progress: Progress) -> dict[str, Tensor]:
    """Publish the average of some checkpoints as a checkpoint of weights alone, and return it."""
    weights = average(sources)
    save_files(path, lambda aside: {WEIGHTS: tensor_file.write(aside / WEIGHTS, weights)}, asdict(progress))
    return weights


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


def _difference(name: str, found: Mapping[str, int], expected: Mapping[str, int]) -> str:
    if found["size"] != expected["size"]:
        return f"{name} has {found['size']} bytes in place of {expected['size']}"
    return f"{name} has another content than was written"


def _random_state() -> dict[str, Tensor]:
    state = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state |= {f"cuda/{index}": tensor for index, tensor in enumerate(torch.cuda.get_rng_state_all())}
    return state


def _restore_random(state: Mapping[str, Tensor]) -> None:
    torch.set_rng_state(state["cpu"])
    for index in range(torch.cuda.device_count()):
        if f"cuda/{index}" in state:
            torch.cuda.set_rng_state(state[f"cuda/{index}"], index)
