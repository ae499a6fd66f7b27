"""The nouns between rooms: examples, features, batches, models, decode states."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lengthwise.world import WHOLE, Share

PAD = 0
EOS = 1
START = 2

Example = Mapping[str, object]
"""One row of a source: `inputs`, `targets` (raw), `document` (what must not be split), `split` where it is fixed."""

Modality = Literal["tokens", "label", "pixels", "image", "spectrogram"]
"""Token ids: of text, of one class, of an image's intensities row by row; or numbers."""


@dataclass(frozen=True, kw_only=True)
class Feature:
    """What a model must know of one side of an example."""

    modality: Modality = "tokens"
    size: int
    """Vocabulary size, number of classes or number of channels."""
    digits: tuple[int, ...] = ()
    """Token ids that are digits of numbers, for positions that count within a number."""
    shape: tuple[int, ...] = ()
    """Height and width of images; of pixels the channels too."""

    @property
    def is_ids(self) -> bool:
        """Whether examples are token ids; else floats."""
        return self.modality in ("tokens", "label", "pixels")


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


def refuses_other_than_tokens(
    features: Features,
    model: str,
    *,
    needs_inputs: bool = True,
    reads: Sequence[Modality] = (),
    writes: Sequence[Modality] = ("tokens", "label", "pixels"),
) -> str | None:
    """Why a model of this name, which reads tokens or inputs of kind `reads` and writes tokens, can't do a problem."""
    ids: Sequence[Modality] = ("tokens", "label", "pixels")
    for side, feature, known in (("inputs", features.inputs, (*ids, *reads)), ("targets", features.targets, writes)):
        if feature is None and not needs_inputs:
            continue
        if feature is None or feature.modality not in known:
            kind = "absent" if feature is None else f"of kind {feature.modality}"
            return f"The {side} of a problem for `{model}` must be tokens, but are {kind}."
    return None


class Distribution(nn.Module, ABC):
    """A head that knows the probability of a target without those of all others."""

    @abstractmethod
    def log_probs(
        self, hidden: Float[Tensor, "positions d_model"], targets: Int[Tensor, " positions"]
    ) -> Float[Tensor, " positions"]:
        """Of each target."""


@dataclass(frozen=True)
class Batch:
    """Padded examples: token ids with `PAD` behind the last real one, every row closed by `EOS`."""

    inputs: Tensor | None
    """`[batch, source_len]` ids; images `[batch, height, width, channels]` from 0 to 1; sounds
    `[batch, frames, channels]` whose last channel is 1 on real frames and 0 on padding, where all others are 0 too."""
    targets: Int[Tensor, "batch target_len"]
    documents: Int[Tensor, "batch target_len"] | None = None
    """Where several documents share a row: the number of each target's, from 1; 0 on padding."""
    is_spare: bool = False
    """Whether the rows count for nothing: they keep a process, for which none were left, in step with the others."""

    def to(self, device: torch.device) -> "Batch":
        """Move the tensors; free where they already are there."""
        return self._with(lambda tensor: tensor.to(device, non_blocking=True))

    def pinned(self) -> "Batch":
        """In memory that a GPU copies from by itself."""
        return self._with(Tensor.pin_memory)

    def _with(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        """Every tensor changed."""
        inputs = None if self.inputs is None else change(self.inputs)
        documents = None if self.documents is None else change(self.documents)
        return replace(self, inputs=inputs, targets=change(self.targets), documents=documents)

    def taken(self, rows: Int[Tensor, " rows"]) -> "Batch":
        """Some rows, with no more padding than they need."""
        inputs = None if self.inputs is None else _trimmed(self.inputs[rows])
        documents = None if self.documents is None else _trimmed(self.documents[rows])
        return replace(self, inputs=inputs, targets=_trimmed(self.targets[rows]), documents=documents)

    def up_to(self, length: int) -> "Batch":
        """Rows of several documents cut to so many tokens."""
        assert self.documents is not None
        return replace(self, targets=self.targets[:, :length], documents=self.documents[:, :length])

    def spare(self) -> "Batch":
        """The first row, as one that counts for nothing."""
        return replace(self.taken(torch.zeros(1, dtype=torch.long)), is_spare=True)

    def shared(self, share: Share) -> "Batch":
        """A process's share of the rows; the first as a spare one where it has none."""
        if share == WHOLE:
            return self
        rows = torch.arange(len(self.targets))[share.number :: share.of]
        return self.taken(rows) if len(rows) else self.spare()

    @property
    def weights(self) -> Float[Tensor, "batch target_len"]:
        """1.0 where a target is real, 0.0 on padding."""
        return (self.targets != PAD).float()

    @property
    def counts(self) -> "Counts":
        """What means over the batch are taken over; nothing where it is spare."""
        if self.is_spare:
            return Counts()
        return Counts(
            targets=int((self.targets != PAD).sum()),
            inputs=0 if self.inputs is None else int(real(self.inputs).sum()),
            sequences=len(self.targets) if self.documents is None else int(self.documents.amax(1).sum()),
        )

    @property
    def num_target_tokens(self) -> int:
        """Real target positions: what a loss is averaged over."""
        return 0 if self.is_spare else int((self.targets != PAD).sum())

    @property
    def num_tokens(self) -> int:
        """Real positions on both sides: what throughput counts."""
        return self.counts.positions

    @property
    def num_positions(self) -> int:
        """Positions on both sides with the padding."""
        return self.targets.numel() + (0 if self.inputs is None else real(self.inputs).numel())


def real(inputs: Tensor) -> Bool[Tensor, "batch positions"]:
    """Where inputs are no padding; an image is one position."""
    if inputs.ndim == 4:
        return inputs.new_ones(len(inputs), 1, dtype=torch.bool)
    return inputs != PAD if inputs.ndim == 2 else inputs[:, :, -1] > 0


def _trimmed(padded: Tensor) -> Tensor:
    """Without the positions that hold padding alone."""
    return padded if padded.ndim == 4 else padded[:, : int(real(padded).sum(1).max())]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Of a batch, or of all batches of an update on all processes."""

    targets: int = 0
    """Real target positions."""
    inputs: int = 0
    """Real input positions."""
    sequences: int = 0

    @property
    def positions(self) -> int:
        """Real positions of both sides."""
        return self.inputs + self.targets


@dataclass
class AuxLoss:
    """A term of a model's own: a sum over the batch, of which training takes the mean over all of an update's batches.

    What couples the examples of a batch is said here, and only here: so the same sum divided by the same count comes
    out on any number of processes and accumulated batches.
    """

    total: Tensor
    unit: Literal["targets", "inputs", "positions", "sequences"]
    """What the mean is over. (A term of parameters alone: times the batch's targets, over targets.)"""


@dataclass
class Copies:
    """How likely a next token is copied from the inputs rather than written by the head (See et al. 2017)."""

    gate: Float[Tensor, "batch target_len"]
    """Log-odds of copying."""
    log_shares: Float[Tensor, "batch target_len source_len"]
    """Log-probability that it is this input which is copied."""
    inputs: Int[Tensor, "batch source_len"]

    def log_probs(
        self, targets: Int[Tensor, "batch target_len"]
    ) -> tuple[Float[Tensor, "batch target_len"], Float[Tensor, "batch target_len"]]:
        """That the head writes, and that the target is copied (very low where the inputs do not hold it)."""
        others = targets[:, :, None] != self.inputs[:, None]
        copied = self.log_shares.masked_fill(others, torch.finfo(self.log_shares.dtype).min / 2).logsumexp(-1)
        return F.logsigmoid(-self.gate), F.logsigmoid(self.gate) + copied

    def mixed(self, logits: Float[Tensor, "batch target_len vocab"]) -> Float[Tensor, "batch target_len vocab"]:
        """Log-probabilities of all tokens, written or copied; `logits`: the head's."""
        is_copied = self.gate.sigmoid()[:, :, None]
        probabilities = logits.to(is_copied.dtype).softmax(-1) * (1 - is_copied)
        places = self.inputs[:, None].expand(self.log_shares.shape)
        probabilities = probabilities.scatter_add(-1, places, self.log_shares.exp() * is_copied)
        return probabilities.clamp(min=torch.finfo(probabilities.dtype).tiny).log()


@dataclass
class Output:
    """A model's answer to a batch, before the projection to logits, which only a loss knows how to afford."""

    hidden: Float[Tensor, "batch target_len d_model"]
    head: nn.Module
    """Projects `hidden` to logits: a `weight` of `[vocab, d_model]` without bias, or a `Distribution`."""
    aux_losses: dict[str, AuxLoss] = field(default_factory=dict)
    statistics: dict[str, Tensor] = field(default_factory=dict)
    """Numbers of this batch that `Model.after_step` adapts to."""
    copies: Copies | None = None
    """What is copied instead, in models that copy."""

    @property
    def logits(self) -> Float[Tensor, "batch target_len vocab"]:
        """All logits at once: for tests and small vocabularies."""
        logits = self.head(self.hidden)
        return logits if self.copies is None else self.copies.mixed(logits)


class Model(nn.Module, ABC):
    """Anything that turns a batch into an output."""

    growth: tuple[int, int] | None = None
    """That of the problem's features, for models that were told: how long an output can become."""
    has_depth_by_data = False
    """Whether the data decides how often a layer is applied."""

    @abstractmethod
    def forward(self, batch: Batch) -> Output:
        """Teacher-forced: position `t` of the output predicts `batch.targets[:, t]`."""

    def after_step(self, nll: float, learning_rate: float, seen: Sequence[Mapping[str, float | int]]) -> None:
        """What a model adapts to its own progress after an update; kept in buffers, so that checkpoints hold it.

        `seen` are the `statistics` of all of the update's batches, or parts of batches, of all processes.
        """

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


class Constraint(ABC):
    """Which tokens may follow in an output, by all that was written before; its state is a row of numbers a row."""

    @abstractmethod
    def start(self, num_rows: int, device: torch.device) -> Int[Tensor, "rows numbers"]:
        """The state of rows that are empty."""

    @abstractmethod
    def advance(self, state: Int[Tensor, "rows numbers"], tokens: Int[Tensor, " rows"]) -> Int[Tensor, "rows numbers"]:
        """The state behind one token more."""

    @abstractmethod
    def allowed(
        self, state: Int[Tensor, "rows numbers"], room: Int[Tensor, " rows"], num_tokens: int
    ) -> Bool[Tensor, "rows vocab"]:
        """What may come next, always something; `room`: how many tokens may, `EOS` among them, so that it ends well."""


class Autoregressive(Model):
    """A model that writes its output one token at a time."""

    @abstractmethod
    def start(self, inputs: Tensor | None, max_length: int) -> DecodeState:
        """Read the inputs once and prepare to write at most `max_length` tokens, one row per input."""

    @abstractmethod
    def step(self, tokens: Int[Tensor, " rows"], state: DecodeState) -> Float[Tensor, "rows vocab"]:
        """Logits of the next token after `tokens` (`START` at first); advances `state`."""

    def align(self, inputs: Tensor) -> "Alignment | None":
        """What each stretch of the inputs says by itself, in models that can tell; else None."""
        return None


@dataclass(frozen=True)
class Alignment:
    """What connectionist temporal classification tells of each frame of the inputs; its blank is `PAD`."""

    log_probs: Float[Tensor, "batch frames vocab"]
    lengths: Int[Tensor, " batch"]
    """Real frames."""


class OneShot(Model):
    """A model that writes its whole output at once."""

    @abstractmethod
    def predict(self, inputs: Tensor) -> Int[Tensor, "batch target_len"]:
        """Target ids, padded with `PAD`; the length comes from the inputs alone."""


@dataclass(frozen=True, kw_only=True)
class ModelConfig(ABC):
    """Everything that fixes an architecture; presets are functions that return one."""

    reads_documents: ClassVar[bool] = False
    """Whether several documents may share a row (`Batch.documents`)."""

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
