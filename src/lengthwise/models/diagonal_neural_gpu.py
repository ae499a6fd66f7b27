"""The diagonal Neural GPU (Freivalds and Liepins 2017, "Improving the Neural GPU Architecture", arXiv 1702.08727).

Differences: the output projection has no bias, sequences end in EOS, and each runs for as many steps as its own length
instead of its bin's, so that nothing but its inputs decides an answer. The loss is a mean over the tokens of all bins:
longer ones count more. The rule of the saturation weight divides by the weighted cost; the paper doesn't say which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from lengthwise.contracts import (
    EOS,
    PAD,
    AuxLoss,
    Batch,
    Features,
    Modality,
    ModelConfig,
    OneShot,
    Output,
    refuses_other_than_tokens,
)
from lengthwise.layers.convolutional_gru import Unit, Weights, recur
from lengthwise.layers.modalities import BOTTOMS, bottom_of, seen
from lengthwise.layers.ragged import Ragged

SATURATION_WINDOW = 200
"""Updates after which the weight of the saturation cost is set anew."""
MAX_SATURATION_WEIGHT = 1e-3
LENGTH_BINS = (8, 12, 16, 20, 25, 28, 31, 36, 41)


@dataclass(frozen=True, kw_only=True)
class DiagonalNeuralGPUConfig(ModelConfig):
    """Width, dropout, and how examples are laid out in a batch."""

    num_maps: int = 48
    dropout: float = 0.1
    """Of the embedded inputs and of the candidates of every step."""
    gates_start: float = 0.0
    """What the learned biases of both gates begin with; below 0 less moves and more is computed in the beginning."""
    is_published: bool = False
    """Train as published: all nine bins of 32 examples in every step, the learning rate lowered on plateaus."""

    def __post_init__(self) -> None:
        if self.num_maps < 3:
            raise ValueError(f"`model.num_maps` must be at least 3, a map for each direction, but is {self.num_maps}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`model.dropout` must be at least 0 and below 1, but is {self.dropout}.")

    def build(self, features: Features) -> "DiagonalNeuralGPU":
        """A freshly initialised model."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return DiagonalNeuralGPU(self, features)

    def refuses(self, features: Features) -> str | None:
        """It writes all at once, and so must know from the inputs how long the targets can be."""
        return refuses_unknown_lengths(features, "diagonal_neural_gpu", BOTTOMS)

    def count(self, features: Features, rows: int, length: int) -> tuple[int, int]:
        """As many applications of the unit as positions."""
        return count_applications(features, rows, length, self.num_maps, applications_per_step=1)

    def training_defaults(self) -> dict[str, object]:
        """AdaMax with clipping and noise; the published nine bins of lengths, or five of which half are shorter.

        Of few lengths alone a short training learns what is right for these only (docs/experiments.md).
        """
        return {
            "train.optimizer.name": "adamax",
            "train.optimizer.learning_rate": 0.01 * 48 / self.num_maps,
            "train.optimizer.betas": (0.9, 0.9995),
            "train.optimizer.noise": 1e-4,
            "train.schedule.name": "plateau",
            "train.schedule.warmup_steps": 0,
            "train.label_smoothing": 0.0,
            "train.clip_norm": 0.0,
            "batch.lengths": LENGTH_BINS if self.is_published else (8, 12, 20, 28, 41),
            "batch.rows_per_length": 32 if self.is_published else (32, 32, 32, 16, 16),
            "batch.share_shorter": 0.05 if self.is_published else 0.5,
            "precision": "fp32",
        }


def tiny() -> DiagonalNeuralGPUConfig:
    """Twenty-four maps: for tests and the simplest tasks."""
    return replace(base(), num_maps=24)


def base() -> DiagonalNeuralGPUConfig:
    """Forty-eight maps and a light batch: reverses, duplicates and adds after minutes on a CPU."""
    return DiagonalNeuralGPUConfig()


def paper() -> DiagonalNeuralGPUConfig:
    """The published binary adder: 48 maps, half of the candidates dropped, all nine bins in every step."""
    return replace(base(), dropout=0.5, is_published=True)


def paper_multiplication() -> DiagonalNeuralGPUConfig:
    """The published binary multiplier: 96 maps."""
    return replace(paper(), num_maps=96, dropout=0.1)


class DiagonalNeuralGPU(OneShot):
    """Embeds the inputs as the first state, applies the unit once per position, and reads the last state."""

    def __init__(self, config: DiagonalNeuralGPUConfig, features: Features) -> None:
        super().__init__()
        assert features.inputs is not None and features.growth is not None
        maps = config.num_maps
        self.config = config
        self.growth: tuple[int, int] = features.growth
        self.embedding = bottom_of(features.inputs, maps)
        self.embedding_bias = nn.Parameter(torch.zeros(maps))
        self.gates_weight = nn.Parameter(torch.empty(3, maps, 2 * maps))
        self.gates_bias = nn.Parameter(torch.empty(2 * maps))
        self.candidate_weight = nn.Parameter(torch.empty(3, maps, maps))
        self.candidate_bias = nn.Parameter(torch.zeros(maps))
        self.head = nn.Linear(maps, features.targets.size, bias=False)
        self.saturation_weight: Tensor
        self.saturation_sums: Tensor
        self.register_buffer("saturation_weight", torch.tensor(MAX_SATURATION_WEIGHT))
        self.register_buffer("saturation_sums", torch.zeros(3))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Glorot-uniform, as a convolution's weights."""
        if isinstance(self.embedding, nn.Embedding):
            nn.init.uniform_(self.embedding.weight, -1, 1)
        nn.init.xavier_uniform_(self.head.weight)
        for weight in (self.gates_weight, self.candidate_weight):
            bound = (6 / (3 * 2 * self.config.num_maps)) ** 0.5
            nn.init.uniform_(weight, -bound, bound)
        nn.init.constant_(self.gates_bias, self.config.gates_start)

    @property
    def weights(self) -> Weights:
        """Of the one unit."""
        return self.gates_weight, self.gates_bias, self.candidate_weight, self.candidate_bias

    def enter(self, inputs: Tensor) -> tuple[Ragged, Float[Tensor, "batch length maps"]]:
        """How long each row is, and its first state; beyond the inputs stands `PAD`, of images nothing.

        A state holds numbers up to 1, so an image's vectors, of about that deviation, enter halved.
        """
        if isinstance(self.embedding, nn.Embedding):
            layout = Ragged.of(lengths_of(inputs, self.growth))
            inputs = F.pad(inputs, (0, max(0, layout.num_steps - inputs.shape[1])), value=PAD)
            return layout, self.embedding(inputs[:, : layout.num_steps]) + self.embedding_bias
        vectors, ids = seen(self.embedding, inputs)
        layout = Ragged.of(lengths_of(ids, self.growth))
        vectors = F.pad(vectors / 2, (0, 0, 0, max(0, layout.num_steps - ids.shape[1])))
        return layout, vectors[:, : layout.num_steps] + self.embedding_bias

    def run(self, inputs: Tensor) -> tuple[Float[Tensor, "batch length maps"], Tensor]:
        """The last state of every position, and the sum of the sequences' saturation costs."""
        layout, before = self.enter(inputs)
        keep = 1 - self.config.dropout if self.training else 1.0
        state = layout.pack(F.dropout(before.clamp(-1, 1), self.config.dropout, self.training))
        if not self.training:
            return layout.unpack(recur(state, layout, [self.weights], Unit())[0]), before.new_zeros(())
        share = layout.spread(1 / layout.lengths.to(before.dtype) ** 2)
        state, cost = recur(state, layout, [self.weights], Unit(keep=keep), share)
        excess = layout.pack((before.abs() - 0.9).relu()).sum(1)
        return layout.unpack(state), cost + (excess * share * layout.spread(layout.lengths.to(before.dtype))).sum()

    def forward(self, batch: Batch) -> Output:
        """Position `t` of the last state gives target `t`; the targets themselves are not read."""
        assert batch.inputs is not None
        state, cost = self.run(batch.inputs)
        length = batch.targets.shape[1]
        state = F.pad(state, (0, 0, 0, max(0, length - state.shape[1])))[:, :length]
        if not self.training:
            return Output(state, self.head)
        cost = self.saturation_weight * cost
        seen = {"saturation": cost.detach(), "sequences": torch.tensor(len(batch.inputs))}
        return Output(state, self.head, {"saturation": AuxLoss(cost, "sequences")}, seen)

    @torch.no_grad()
    def predict(self, inputs: Tensor) -> Int[Tensor, "batch target_len"]:
        """The likeliest token of every position."""
        return self.head(self.run(inputs)[0]).argmax(-1)

    def after_step(self, nll: float, learning_rate: float, seen: Sequence[Mapping[str, float | int]]) -> None:
        """Set the weight of the saturation cost by how large it is beside the loss."""
        cost = sum(each["saturation"] for each in seen) / max(1, sum(each["sequences"] for each in seen))
        self.saturation_sums += self.saturation_sums.new_tensor([nll, 1.0, cost])
        loss, num_updates, cost = self.saturation_sums.tolist()
        if num_updates >= SATURATION_WINDOW:
            ratio = loss / max(cost, 1e-30)
            weight = self.saturation_weight * ratio * learning_rate
            self.saturation_weight.copy_(weight.clamp(1e-20, MAX_SATURATION_WEIGHT))
            self.saturation_sums.zero_()


def refuses_unknown_lengths(features: Features, name: str, reads: Sequence[Modality] = ()) -> str | None:
    """Why a model that writes one token per position can't do a problem with these features."""
    reason = refuses_other_than_tokens(features, name, reads=reads, writes=("tokens", "label"))
    if reason is None and features.growth is None:
        return f"The targets' length must follow from the inputs' for `{name}`, which writes all at once, but doesn't."
    return reason


def count_applications(
    features: Features, rows: int, length: int, maps: int, applications_per_step: int
) -> tuple[int, int]:
    """FLOPs and kept numbers of units whose convolutions reach one position to each side."""
    assert features.growth is not None
    num_positions = max(length, features.growth[0] * length + features.growth[1]) + 1
    applied = rows * num_positions**2 * applications_per_step
    # Two gates and a candidate of three neighbours each; kept are the state, the gates, the candidate and its dropout.
    return applied * 2 * 3 * maps * 3 * maps, applied * 5 * maps


def lengths_of(inputs: Int[Tensor, "batch source_len"], growth: tuple[int, int]) -> Int[Tensor, " batch"]:
    """Positions that an example needs: as many as the longer side can have, EOS included."""
    num_tokens = ((inputs != PAD) & (inputs != EOS)).sum(1)
    return torch.maximum(num_tokens, growth[0] * num_tokens + growth[1]) + 1
