"""The nouns between rooms: examples, features, batches, models, decode states."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

PAD = 0
EOS = 1
START = 2

Example = Mapping[str, object]
"""One row of a source: `inputs`, `targets` (raw), `document` (what must not be split), `split` where it is fixed."""

Modality = Literal["tokens", "label", "image", "spectrogram"]


@dataclass(frozen=True, kw_only=True)
class Feature:
    """What a model must know of one side of an example."""

    modality: Modality = "tokens"
    size: int
    """Vocabulary size, number of classes or number of channels."""
    digits: tuple[int, ...] = ()
    """Token ids that are digits of numbers, for positions that count within a number."""


Places = Literal["index", "from_end", "in_number"]
"""Which target an input belongs to: that of its index, of its index from the end, or of its place in a number."""


@dataclass(frozen=True, kw_only=True)
class Features:
    """What a model must know of a problem: both sides and whether they share one vocabulary."""

    inputs: Feature | None
    targets: Feature
    is_shared: bool = False
    growth: tuple[int, int] | None = None
    """(a, b): inputs of n tokens have at most a·n + b target tokens, both without EOS; None where that isn't known."""
    places: Places | None = None
    """What position schemes that couple inputs and targets go by; None where no target belongs to one input."""


def refuses_other_than_tokens(features: Features, model: str) -> str | None:
    """Why a model of this name, which reads tokens and writes tokens, can't do a problem with these features."""
    for side, feature in (("inputs", features.inputs), ("targets", features.targets)):
        if feature is None or feature.modality != "tokens":
            kind = "absent" if feature is None else f"of kind {feature.modality}"
            return f"The {side} of a problem for `{model}` must be tokens, but are {kind}."
    return None


@dataclass(frozen=True)
class Batch:
    """Padded examples: token ids with `PAD` behind the last real one, every row closed by `EOS`."""

    inputs: Tensor | None
    """`[batch, source_len]` ids, or floats with channels last."""
    targets: Int[Tensor, "batch target_len"]
    problem: int = 0
    """Which problem of a mixture the rows belong to."""

    def to(self, device: torch.device) -> "Batch":
        """Move the tensors; free where they already are there."""
        inputs = None if self.inputs is None else self.inputs.to(device)
        return Batch(inputs, self.targets.to(device), self.problem)

    @property
    def weights(self) -> Float[Tensor, "batch target_len"]:
        """1.0 where a target is real, 0.0 on padding."""
        return (self.targets != PAD).float()

    @property
    def num_target_tokens(self) -> int:
        """Real target positions: what a loss is averaged over."""
        return int((self.targets != PAD).sum())

    @property
    def num_tokens(self) -> int:
        """Real positions on both sides: what throughput counts."""
        inputs = 0 if self.inputs is None else int((self.inputs != PAD).sum())
        return inputs + self.num_target_tokens


@dataclass
class Output:
    """A model's answer to a batch, before the projection to logits, which only a loss knows how to afford."""

    hidden: Float[Tensor, "batch target_len d_model"]
    head: nn.Module
    """Projects `hidden` to logits; has a `weight` of `[vocab, d_model]` and no bias."""
    aux_losses: dict[str, Tensor] = field(default_factory=dict)

    @property
    def logits(self) -> Float[Tensor, "batch target_len vocab"]:
        """All logits at once: for tests and small vocabularies."""
        return self.head(self.hidden)


class Model(nn.Module, ABC):
    """Anything that turns a batch into an output."""

    growth: tuple[int, int] | None = None
    """That of the problem's features, for models that were told: how long an output can become."""

    @abstractmethod
    def forward(self, batch: Batch) -> Output:
        """Teacher-forced: position `t` of the output predicts `batch.targets[:, t]`."""

    def after_step(self, nll: float, learning_rate: float) -> None:
        """What a model adapts to its own progress after an update; kept in buffers, so that checkpoints hold it."""

    def ponder_steps(self, inputs: Tensor) -> Tensor | None:
        """`[batch, source_len]`, steps that each input takes, 0 on padding; None where all take the same."""
        return None

    @property
    def train_length(self) -> int | None:
        """Most tokens that examples to train on should have now, where the model sets its own curriculum."""
        return None


class DecodeState(ABC):
    """What a model remembers between two steps of decoding."""

    @abstractmethod
    def reorder(self, order: Int[Tensor, " rows"]) -> None:
        """Make row `i` continue row `order[i]`; `order` may be longer (beams), shorter (finished rows) or repeat."""


class Autoregressive(Model):
    """A model that writes its output one token at a time."""

    @abstractmethod
    def start(self, inputs: Tensor | None, max_length: int) -> DecodeState:
        """Read the inputs once and prepare to write at most `max_length` tokens, one row per input."""

    @abstractmethod
    def step(self, tokens: Int[Tensor, " rows"], state: DecodeState) -> Float[Tensor, "rows vocab"]:
        """Logits of the next token after `tokens` (`START` at first); advances `state`."""


class OneShot(Model):
    """A model that writes its whole output at once."""

    @abstractmethod
    def predict(self, inputs: Tensor) -> Int[Tensor, "batch target_len"]:
        """Target ids, padded with `PAD`; the length comes from the inputs alone."""


@dataclass(frozen=True, kw_only=True)
class ModelConfig(ABC):
    """Everything that fixes an architecture; presets are functions that return one."""

    @abstractmethod
    def build(self, features: Features) -> Model:
        """A freshly initialised model; uses torch's global random generator."""

    def refuses(self, features: Features) -> str | None:
        """Why this model can't do a problem with these features; None if it can."""
        return None

    def count(self, features: Features, rows: int, length: int) -> tuple[int, int] | None:
        """(FLOPs of a forward pass, numbers it keeps for the backward one) on `rows` examples of `length` inputs.

        Only for models that look at the tokens to know what to compute; None: counted without any numbers.
        """
        return None

    def training_defaults(self) -> dict[str, object]:
        """`path -> value` pairs of an experiment that this architecture wants (`train.optimizer.name`, ...)."""
        return {}
