"""The Neural GPU (Kaiser and Sutskever 2015, "Neural GPUs Learn Algorithms", arXiv 1511.08228).

Differences: the output projection has no bias, sequences end in EOS, each runs for as many steps as its own length; the
noise on the gradients falls with the steps alone (not with the error too), and the learning rate stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from lengthwise.contracts import PAD, AuxLoss, Batch, Features, ModelConfig, OneShot, Output
from lengthwise.layers.convolutional_gru import Unit, Weights, recur
from lengthwise.layers.ragged import Ragged
from lengthwise.models.diagonal_neural_gpu import count_applications, lengths_of, refuses_unknown_lengths

UNITS_PER_STEP = 2
FIRST_LENGTH = 6
"""Of the curriculum."""
MASTERED = 0.15
"""Share of wrong sequences below which the curriculum goes on to longer ones."""
ERROR_MEMORY = 0.95
PULL, PULL_GROWTH, PULL_END = 5e-4, 1.2, 0.1
"""How hard the relaxed parameters are pulled together: at first, with each new length, and when they become one."""


@dataclass(frozen=True, kw_only=True)
class NeuralGPUConfig(ModelConfig):
    """Size of the mental image and the tricks that training needs."""

    num_maps: int = 24
    width: int = 4
    """Columns of the mental image; the inputs stand in the first, the outputs are read from it."""
    num_relaxed: int = 6
    """Sets of parameters that steps take in turns, pulled together while training goes on."""
    dropout: float = 0.15
    """Of the state after each step, times 8 / length."""
    has_curriculum: bool = True
    """Begin with short examples, and go on to longer ones when those are mastered."""

    def __post_init__(self) -> None:
        for name in ("num_maps", "width", "num_relaxed"):
            if getattr(self, name) < 1:
                raise ValueError(f"`model.{name}` must be at least 1, but is {getattr(self, name)}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`model.dropout` must be at least 0 and below 1, but is {self.dropout}.")

    def build(self, features: Features) -> "NeuralGPU":
        """A freshly initialised model."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return NeuralGPU(self, features)

    def refuses(self, features: Features) -> str | None:
        """It writes all at once, and so must know from the inputs how long the targets can be."""
        return refuses_unknown_lengths(features, "neural_gpu")

    def count(self, features: Features, rows: int, length: int) -> tuple[int, int]:
        """Two units per position, over all columns of the image."""
        return count_applications(features, rows, length, self.width * self.num_maps, UNITS_PER_STEP)

    def training_defaults(self) -> dict[str, object]:
        """Adam with a large epsilon, a small norm and noise on the gradients."""
        return {
            "train.optimizer.name": "adamw",
            "train.optimizer.learning_rate": 1e-3,
            "train.optimizer.betas": (0.9, 0.999),
            "train.optimizer.epsilon": 1e-4,
            "train.optimizer.weight_decay": 0.0,
            "train.optimizer.noise": 1.0,
            "train.optimizer.noise_decay": 0.275,
            "train.schedule.name": "constant",
            "train.schedule.warmup_steps": 0,
            "train.label_smoothing": 0.0,
            "train.clip_norm": 1.0,
            "batch.tokens": 2048,
            "batch.max_rows": 32,
            "precision": "fp32",
        }


def tiny() -> NeuralGPUConfig:
    """Twelve maps, three relaxed sets: for tests."""
    return NeuralGPUConfig(num_maps=12, num_relaxed=3)


def base() -> NeuralGPUConfig:
    """The published sizes: an image of width 4 with 24 maps, six relaxed sets."""
    return NeuralGPUConfig()


def paper() -> NeuralGPUConfig:
    """The published sizes, exactly."""
    return base()


def authors_code() -> NeuralGPUConfig:
    """The sizes of the authors' code: 128 maps."""
    return replace(base(), num_maps=128)


class NeuralGPU(OneShot):
    """Puts the inputs into the first column of an image, applies two units per position, and reads that column."""

    def __init__(self, config: NeuralGPUConfig, features: Features) -> None:
        super().__init__()
        assert features.inputs is not None and features.growth is not None
        maps, sets = config.num_maps, config.num_relaxed * UNITS_PER_STEP
        self.config = config
        self.growth: tuple[int, int] = features.growth
        self.embedding = nn.Embedding(features.inputs.size, maps, padding_idx=PAD)
        self.entry = nn.Linear(maps, maps)
        # [set, neighbour along the length, along the width, maps in, maps out]; the gates' outputs are two.
        self.gates_weight = nn.Parameter(torch.empty(sets, 3, 3, maps, 2 * maps))
        self.gates_bias = nn.Parameter(torch.zeros(sets, 2 * maps))
        self.candidate_weight = nn.Parameter(torch.empty(sets, 3, 3, maps, maps))
        self.candidate_bias = nn.Parameter(torch.zeros(sets, maps))
        self.head = nn.Linear(maps, features.targets.size, bias=False)
        self.unit = Unit(
            is_hard=False, is_diagonal=False, reset_bias=1.0, gate_bias=1.0, applications_per_step=UNITS_PER_STEP
        )
        for name, start in (("pull", PULL), ("error", 1.0), ("length", float(FIRST_LENGTH)), ("longest", 0.0)):
            self.register_buffer(name, torch.tensor(start))
        self.pull: Tensor
        self.error: Tensor
        self.length: Tensor
        self.longest: Tensor
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Uniform with unit gain over each convolution's inputs; every relaxed set begins elsewhere."""
        nn.init.uniform_(self.embedding.weight, -1.7, 1.7)
        with torch.no_grad():
            self.embedding.weight[PAD] = 0
        for weight in (self.gates_weight, self.candidate_weight):
            bound = (3.0 / (9 * self.config.num_maps)) ** 0.5
            nn.init.uniform_(weight, -bound, bound)

    def weights(self) -> list[Weights]:
        """Of all units: the image's columns laid side by side, its convolution a banded one along the length."""
        width = self.config.width
        column = torch.arange(width, device=self.gates_weight.device)
        # [neighbour, column in, column out]: which columns are each other's left neighbour, own and right neighbour.
        neighbour = torch.stack([column[:, None] - column[None] == each for each in (-1, 0, 1)])
        neighbour = neighbour.to(self.gates_weight.dtype)
        maps = self.config.num_maps
        gates = self.gates_weight.unflatten(-1, (2, maps))
        gates = torch.einsum("slwagb,wij->sliagjb", gates, neighbour).flatten(4).flatten(2, 3)
        gates_bias = self.gates_bias.unflatten(-1, (2, 1, maps)).expand(-1, -1, width, -1).flatten(1)
        candidate = torch.einsum("slwab,wij->sliajb", self.candidate_weight, neighbour).flatten(4).flatten(2, 3)
        candidate_bias = self.candidate_bias.repeat(1, width)
        return list(zip(gates, gates_bias, candidate, candidate_bias, strict=True))

    def run(self, inputs: Int[Tensor, "batch source_len"]) -> Float[Tensor, "batch length maps"]:
        """The first column of the last image."""
        layout = Ragged.of(lengths_of(inputs, self.growth))
        inputs = F.pad(inputs, (0, max(0, layout.num_steps - inputs.shape[1])), value=PAD)[:, : layout.num_steps]
        first = self.entry(self.embedding(inputs).tanh())
        image = F.pad(first, (0, (self.config.width - 1) * self.config.num_maps))
        keep = None
        if self.training and self.config.dropout:
            dropped = self.config.dropout * 8 / layout.lengths.clamp(min=8).to(first.dtype)
            # Nothing is dropped from the zero rows between sequences.
            keep = 1 - layout.spread(dropped)
        state, _ = recur(layout.pack(image), layout, self.weights(), self.unit, keep_state=keep)
        return layout.unpack(state)[..., : self.config.num_maps]

    def forward(self, batch: Batch) -> Output:
        """Position `t` of the last image gives target `t`; the targets themselves are not read, only compared."""
        assert batch.inputs is not None
        state, length = self.run(batch.inputs), batch.targets.shape[1]
        state = F.pad(state, (0, 0, 0, max(0, length - state.shape[1])))[:, :length]
        if not self.training:
            return Output(state, self.head)
        is_wrong = ((self.head(state.detach()).argmax(-1) != batch.targets) & (batch.targets != PAD)).any(1)
        seen = {
            "wrong": is_wrong.sum(),
            "sequences": torch.tensor(len(is_wrong)),
            "longest": lengths_of(batch.inputs, self.growth).max() - 1,
        }
        pull = self.pull * self.spread_of_sets() * (batch.targets != PAD).sum()
        return Output(state, self.head, {"pull": AuxLoss(pull, "targets")}, seen)

    def spread_of_sets(self) -> Float[Tensor, ""]:
        """Summed squared distances of the relaxed parameters from their means."""
        total = self.pull.new_zeros(())
        for parameter in self.relaxed():
            sets = parameter.unflatten(0, (self.config.num_relaxed, UNITS_PER_STEP))
            total = total + (sets - sets.mean(0, keepdim=True)).square().sum()
        return total

    def relaxed(self) -> tuple[nn.Parameter, ...]:
        """The parameters of which there are several sets."""
        return self.gates_weight, self.gates_bias, self.candidate_weight, self.candidate_bias

    @torch.no_grad()
    def predict(self, inputs: Tensor) -> Int[Tensor, "batch target_len"]:
        """The likeliest token of every position."""
        return self.head(self.run(inputs)).argmax(-1)

    @property
    def train_length(self) -> int | None:
        """Where the curriculum is."""
        return int(self.length) if self.config.has_curriculum else None

    @torch.no_grad()
    def after_step(self, nll: float, learning_rate: float, seen: Sequence[Mapping[str, float | int]]) -> None:
        """Mastered: longer examples and a harder pull, until the relaxed sets are one."""
        longest = max((each["longest"] for each in seen), default=0)
        self.longest.clamp_(min=longest)
        # Only batches that are as long as the curriculum is (or as the problem's examples get) tell of mastery.
        if seen and longest >= torch.minimum(self.length, self.longest):
            error = sum(each["wrong"] for each in seen) / sum(each["sequences"] for each in seen)
            self.error.lerp_(self.error.new_tensor(error), 1 - ERROR_MEMORY)
        if self.error < MASTERED:
            self.length += 1
            self.error.fill_(2 * MASTERED)
            self.pull *= PULL_GROWTH
        if self.pull >= PULL_END:
            for parameter in self.relaxed():
                sets = parameter.unflatten(0, (self.config.num_relaxed, UNITS_PER_STEP))
                parameter.copy_(sets.mean(0, keepdim=True).expand_as(sets).flatten(0, 1))
