"""An encoder alone, for classes of texts, images or sounds: the mean over its positions, as BERT without pretraining.

Differs from Devlin et al. 2018 (arXiv 1810.04805) in: pre-norm, no biases, rotary positions, a mean, not a token.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from lengthwise.contracts import PAD, START, Batch, Features, ModelConfig, OneShot, Output, refuses_other_than_tokens
from lengthwise.layers.masks import padding_mask
from lengthwise.layers.modalities import BOTTOMS, bottom_of, read
from lengthwise.layers.norms import LayerNorm
from lengthwise.layers.positions import Positions
from lengthwise.layers.precision import cast_to_compute
from lengthwise.models import defaults
from lengthwise.models.transformer import INITIAL_SCALE, EncoderBlock, TransformerConfig


@dataclass(frozen=True, kw_only=True)
class EncoderConfig(ModelConfig):
    """Sizes."""

    d_model: int = 256
    d_ff: int = 1024
    num_heads: int = 4
    num_layers: int = 2
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.num_heads < 1 or self.d_model % (2 * self.num_heads):
            raise ValueError(f"`model.num_heads` must divide {self.d_model} / 2, but is {self.num_heads}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`model.dropout` must be at least 0 and below 1, but is {self.dropout}.")

    def build(self, features: Features) -> "Encoder":
        """A freshly initialised encoder."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return Encoder(self, features)

    def refuses(self, features: Features) -> str | None:
        """It reads tokens, images or sounds and tells a class."""
        if features.targets.modality != "label":
            return f"The targets of a problem for `encoder` must be of kind label, but are {features.targets.modality}."
        return refuses_other_than_tokens(features, "encoder", reads=BOTTOMS)

    def training_defaults(self) -> dict[str, object]:
        """Muon and a linear decay."""
        return {**defaults.muon(self.d_model), "batch.tokens": 4096, "train.label_smoothing": 0.1}


def tiny() -> EncoderConfig:
    """Two layers of width 256."""
    return EncoderConfig()


def base() -> EncoderConfig:
    """The published base sizes."""
    return EncoderConfig(d_model=768, d_ff=3072, num_heads=12, num_layers=12)


class Encoder(OneShot):
    """A bottom, blocks, a mean over what is real, one class."""

    def __init__(self, config: EncoderConfig, features: Features) -> None:
        super().__init__()
        assert features.inputs is not None
        self.config, self.growth = config, features.growth
        self.bottom = bottom_of(features.inputs, config.d_model)
        sizes = TransformerConfig(
            d_model=config.d_model, d_ff=config.d_ff, num_heads=config.num_heads, dropout=config.dropout
        )
        self.blocks = nn.ModuleList(EncoderBlock(sizes) for _ in range(config.num_layers))
        self.norm = LayerNorm(config.d_model, use_bias=False)
        self.positions = Positions("rotary", config.d_model, config.num_heads, features)
        self.head = nn.Linear(config.d_model, features.targets.size, bias=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """N(0, 0.1/d) for embeddings, N(0, 1/d) for matrices, smaller where a branch ends; the head begins at zero."""
        for name, module in self.named_modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=self.config.d_model**-0.5 * INITIAL_SCALE)
            elif isinstance(module, nn.Linear):
                is_end = name.endswith((".output", ".outer"))
                scale = (2 * self.config.num_layers) ** -0.5 if is_end else 1.0
                nn.init.normal_(module.weight, std=module.in_features**-0.5 * scale)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        nn.init.zeros_(self.head.weight)

    def describe(self, inputs: Tensor) -> Float[Tensor, "batch d_model"]:
        """A vector for each row."""
        if inputs.is_floating_point():
            inputs = inputs.to(self.norm.weight.dtype)
        vectors, ids = read(self.bottom, inputs)
        mask, places = padding_mask(ids), self.positions.of_inputs(ids)
        x = F.dropout(cast_to_compute(self.positions.add(vectors, places)), self.config.dropout, self.training)
        relation = self.positions.relate(places, places, is_encoder=True)
        for block in self.blocks:
            x = block(x, mask, relation)
        is_real = (ids != PAD)[..., None]
        return (self.norm(x) * is_real).sum(1) / is_real.sum(1).clamp(min=1)

    def forward(self, batch: Batch) -> Output:
        """One position for each row."""
        assert batch.inputs is not None
        return Output(self.describe(batch.inputs)[:, None], self.head)

    @torch.no_grad()
    def predict(self, inputs: Tensor) -> Int[Tensor, "batch 1"]:
        """The likeliest class of each row."""
        logits = self.head(self.describe(inputs))
        return logits[:, START + 1 :].argmax(-1, keepdim=True) + START + 1
