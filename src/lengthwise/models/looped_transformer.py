"""The looped Transformer (Fan et al. 2025, "Looped Transformers for Length Generalization", arXiv 2409.15647).

One causal block without positions is applied as often as there are inputs, each time with the inputs added again, to
the inputs followed by blank places in which the whole output appears at once. Difference: `transformer`'s blocks.
"""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from lengthwise.contracts import EOS, PAD, Batch, Features, ModelConfig, OneShot, Output
from lengthwise.layers.masks import Mask
from lengthwise.layers.modalities import BOTTOMS, bottom_of, seen
from lengthwise.layers.norms import LayerNorm
from lengthwise.layers.positions import NO_RELATION
from lengthwise.layers.precision import cast_to_compute
from lengthwise.models.diagonal_neural_gpu import refuses_unknown_lengths
from lengthwise.models.transformer import INITIAL_SCALE, EncoderBlock, TransformerConfig


@dataclass(frozen=True, kw_only=True)
class LoopedTransformerConfig(ModelConfig):
    """Sizes of the block, and how often it is applied."""

    d_model: int = 128
    d_ff: int = 512
    num_heads: int = 4
    num_layers: int = 1
    """Of the block that is applied again and again."""
    extra_loops: int = 1
    """Applications beyond one per input token."""
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.num_layers < 1 or self.extra_loops < 0:
            raise ValueError(
                f"`model.num_layers` must be at least 1 and `model.extra_loops` at least 0, but are {self.num_layers} "
                f"and {self.extra_loops}."
            )
        self.block()

    def block(self) -> TransformerConfig:
        """What the block's layers are made of."""
        return TransformerConfig(
            d_model=self.d_model, d_ff=self.d_ff, num_heads=self.num_heads, dropout=self.dropout, positions="none"
        )

    def build(self, features: Features) -> "LoopedTransformer":
        """A freshly initialised model."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return LoopedTransformer(self, features)

    def refuses(self, features: Features) -> str | None:
        """It writes all at once, and so must know from the inputs how long the targets can be."""
        return refuses_unknown_lengths(features, "looped_transformer", BOTTOMS)

    def count(self, features: Features, rows: int, length: int) -> tuple[int, int]:
        """As many loops as inputs, over inputs and blanks."""
        assert features.growth is not None
        positions = length + features.growth[0] * length + features.growth[1] + 2
        applied = rows * (length + self.extra_loops) * self.num_layers
        products = 2 * positions * (4 * self.d_model**2 + 2 * self.d_model * self.d_ff)
        scores = positions**2
        kept = positions * (10 * self.d_model + 2 * self.d_ff) + 2 * self.num_heads * scores
        return applied * (products + 4 * scores * self.d_model), applied * kept

    def training_defaults(self) -> dict[str, object]:
        """AdamW, as the gradients of all loops sum up in one block."""
        return {
            "train.optimizer.name": "adamw",
            "train.optimizer.learning_rate": 1e-3,
            "train.schedule.name": "linear",
            "train.schedule.warmup_steps": 200,
            "train.label_smoothing": 0.0,
            "batch.tokens": 2048,
            # The inputs are added to the state once a loop: hundreds of times.
            "precision": "fp32",
        }


def tiny() -> LoopedTransformerConfig:
    """Width 64."""
    return replace(base(), d_model=64, d_ff=256)


def base() -> LoopedTransformerConfig:
    """Width 128, one layer."""
    return LoopedTransformerConfig()


class LoopedTransformer(OneShot):
    """Reads inputs and blanks, loops, and writes what stands in the blanks."""

    has_depth_by_data = True

    def __init__(self, config: LoopedTransformerConfig, features: Features) -> None:
        super().__init__()
        assert features.inputs is not None and features.growth is not None
        self.config = config
        self.growth: tuple[int, int] = features.growth
        self.embedding = bottom_of(features.inputs, config.d_model)
        self.blank = nn.Parameter(torch.empty(config.d_model))
        self.layers = nn.ModuleList(EncoderBlock(config.block()) for _ in range(config.num_layers))
        self.norm = LayerNorm(config.d_model, use_bias=False)
        self.head = nn.Linear(config.d_model, features.targets.size, bias=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """N(0, 0.1/d) as the Transformer's; the inputs, which are added again and again, N(0, 1)."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=INITIAL_SCALE * self.config.d_model**-0.5)
            elif isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight)
        nn.init.normal_(self.blank)

    def run(self, inputs: Tensor) -> Float[Tensor, "batch target_len d_model"]:
        """What stands in the blanks after all loops; rows with fewer inputs loop less often and have fewer blanks."""
        vectors, ids = seen(self.embedding, inputs)
        num_inputs = (ids != PAD).sum(1)
        num_tokens = ((ids != PAD) & (ids != EOS)).sum(1)
        num_blanks = self.growth[0] * num_tokens + self.growth[1] + 1
        length = int((num_inputs + num_blanks).max())
        place = torch.arange(length, device=inputs.device)
        is_input, is_real = place < num_inputs[:, None], place < (num_inputs + num_blanks)[:, None]
        embedded = F.pad(vectors, (0, 0, 0, length - ids.shape[1]))[:, :length]
        read = cast_to_compute(torch.where(is_input[..., None], embedded, self.blank))
        mask = Mask(is_causal=True, keys=None if bool(is_real.all()) else is_real)
        num_loops = num_tokens + self.config.extra_loops
        state = torch.zeros_like(read)
        for loop in range(int(num_loops.max())):
            changed = state + read
            for layer in self.layers:
                changed = layer(changed, mask, NO_RELATION)
            state = torch.where((loop < num_loops)[:, None, None], changed, state)
        blanks = num_inputs[:, None] + torch.arange(int(num_blanks.max()), device=inputs.device)
        chosen = blanks.clamp(max=length - 1)[..., None].expand(-1, -1, state.shape[2])
        return self.norm(state.gather(1, chosen)) * (blanks < (num_inputs + num_blanks)[:, None])[..., None]

    def forward(self, batch: Batch) -> Output:
        """Blank `t` gives target `t`; the targets themselves are not read."""
        assert batch.inputs is not None
        state, length = self.run(batch.inputs), batch.targets.shape[1]
        return Output(F.pad(state, (0, 0, 0, max(0, length - state.shape[1])))[:, :length], self.head)

    @torch.no_grad()
    def predict(self, inputs: Tensor) -> Int[Tensor, "batch target_len"]:
        """The likeliest token of every blank."""
        return self.head(self.run(inputs)).argmax(-1)
