"""An experiment: everything that fixes a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lengthwise.config import override
from lengthwise.contracts import ModelConfig
from lengthwise.data.batching import BatchConfig
from lengthwise.decoding.config import DecodeConfig
from lengthwise.parallel.config import ParallelConfig
from lengthwise.training.config import TrainConfig


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A problem, a model, and how the one is fitted to the other."""

    problem: str
    """Name in the catalog, or `package.module:function`."""
    data: Mapping[str, object] = field(default_factory=dict)
    """Keyword parameters of the problem's function."""
    model: ModelConfig
    """The architecture."""
    batch: BatchConfig = field(default_factory=BatchConfig)
    """How large a batch is."""
    train: TrainConfig = field(default_factory=TrainConfig)
    """How the model is fitted."""
    decode: DecodeConfig = field(default_factory=DecodeConfig)
    """How outputs are searched for."""
    parallel: ParallelConfig = field(default_factory=ParallelConfig)
    """How the model is spread over the processes of a run."""
    seed: int = 0
    """Of the initialisation, the order of the batches and dropout."""
    device: str = "auto"
    """`auto`, `cpu`, `cuda`, `cuda:1`."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Of matrix products; `auto` is bf16 where the machine is fast at it."""


def compose(problem: str, model: ModelConfig, changes: Mapping[str, object] | None = None) -> Experiment:
    """The experiment that trains this model well on this problem: its own training defaults, then `changes`."""
    experiment = Experiment(problem=problem, model=model)
    return override(override(experiment, model.training_defaults()), changes or {})
