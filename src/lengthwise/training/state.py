"""The tensors that training moves: the model's, the optimizer's and the random generators' of every process."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed.checkpoint as dcp
from torch import Tensor, nn
from torch.distributed.checkpoint.metadata import TensorStorageMetadata

from lengthwise.contracts import Model
from lengthwise.runtime import seed_everything
from lengthwise.training.checkpoint import OPTIMIZER, RANDOM, WEIGHTS, CheckpointError, refuse_other_format
from lengthwise.training.moving_average import MovingAverage
from lengthwise.training.optimizers import Optimizer
from lengthwise.training.tensor_storage import TensorFileReader
from lengthwise.world import ALONE, World

TRAINED = "state/weights.safetensors"
"""The weights that gradients are taken at, where they are not those to evaluate."""
FILES = [WEIGHTS, TRAINED, OPTIMIZER, RANDOM]


@dataclass(frozen=True)
class TrainingState:
    """What a checkpoint holds and brings back, divided over the processes as the model is."""

    model: Model
    optimizer: Optimizer
    world: World = ALONE
    average: MovingAverage | None = None

    def shown(self) -> dict[str, Tensor] | None:
        """The parameters to evaluate and keep, where they are not those that training moves."""
        return self.optimizer.shown() if self.average is None else self.average.tensors

    def tensors(self) -> tuple[dict[str, Tensor], dict[str, dict[str, str]]]:
        """All of them as `file:name`, without copies, and for each file the other names of its tensors."""
        weights, other_names = _weights(self.model)
        shown = self.shown()
        files = {WEIGHTS: weights | (shown or {}), OPTIMIZER: self.optimizer.state(), RANDOM: self._random()}
        if shown is not None:
            files[TRAINED] = weights
        aliases = {file: other_names if file in (WEIGHTS, TRAINED) else {} for file in files}
        return _by_file(files), aliases

    def restore(self, path: Path, seed: int = 0, step: int = 0) -> None:
        """Become what the checkpoint was saved from, by whatever number of processes.

        On another number of them the random generators begin anew, from the seed, the step and the number. Raises
        CheckpointError where the checkpoint is of another model.
        """
        refuse_other_format(path)
        files = [file for file in FILES if (path / file).is_file()]
        reader = TensorFileReader(path, files)
        stored: dict[str, dict[str, list[int]]] = {file: {} for file in files}
        for key, kind in reader.read_metadata().state_dict_metadata.items():
            file, name = key.split(":", 1)
            assert isinstance(kind, TensorStorageMetadata)
            stored[file][name] = list(kind.size)
        weights, _ = _weights(self.model)
        _check(path, weights, stored[WEIGHTS])
        optimizer = {name: tensor for name, tensor in self.optimizer.room().items() if name in stored[OPTIMIZER]}
        is_same_world = len({name.split("/")[0] for name in stored[RANDOM]}) == self.world.size
        # A run that goes on where there is a GPU, from where there was none, has no numbers for it.
        random = {name: each for name, each in self._random().items() if is_same_world and name in stored[RANDOM]}
        wanted = {TRAINED if TRAINED in stored else WEIGHTS: weights, OPTIMIZER: optimizer, RANDOM: random}
        if self.average is not None:
            wanted[WEIGHTS] = self.average.tensors
        with quiet(), torch.no_grad():
            dcp.load(_by_file(wanted), storage_reader=reader, no_dist=self.world.size == 1)
        self.optimizer.load_state(optimizer)
        if is_same_world:
            _restore_random({name.split("/", 1)[1]: tensor for name, tensor in random.items()})
        else:
            entropy = np.random.SeedSequence([seed, step, self.world.size, self.world.rank])
            seed_everything(int(entropy.generate_state(1)[0]))

    def _random(self) -> dict[str, Tensor]:
        state = {"cpu": torch.get_rng_state()}
        if torch.cuda.is_available():
            state["cuda"] = torch.cuda.get_rng_state()
        return {f"{self.world.rank}/{name}": tensor for name, tensor in state.items()}


@contextmanager
def quiet() -> Iterator[None]:
    """A block in which torch.distributed.checkpoint does not say that one process alone is all there is."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="torch.distributed is disabled")
        yield


def _weights(model: nn.Module) -> tuple[dict[str, Tensor], dict[str, str]]:
    """What the model's `state_dict` holds, each tensor once, and the other names of those that modules share."""
    first_names: dict[int, str] = {}
    aliases: dict[str, str] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if first_names.setdefault(id(parameter), name) != name:
            aliases[name] = first_names[id(parameter)]
    return {name: tensor for name, tensor in model.state_dict().items() if name not in aliases}, aliases


def _by_file(files: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    return {f"{file}:{name}": tensor for file, tensors in files.items() for name, tensor in tensors.items()}


def _check(path: Path, weights: Mapping[str, Tensor], stored: Mapping[str, list[int]]) -> None:
    for name in sorted(weights.keys() | stored.keys()):
        wanted = list(weights[name].shape) if name in weights else "absent"
        found = stored.get(name, "absent")
        if found != wanted:
            raise CheckpointError(
                f"The checkpoint {path} must be of this model, but its `{name}` is {found} in place of {wanted}. "
                "Use another `--run`."
            )


def _restore_random(state: Mapping[str, Tensor]) -> None:
    torch.set_rng_state(state["cpu"])
    if "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"])
