"""Vision Transformer (Dosovitskiy et al. 2021, arXiv 2010.11929): the encoder over patches of an image.

Differences: the mean over the patches in place of a token for the class (Zhai et al. 2022), no biases.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from lengthwise.contracts import Features, ModelConfig
from lengthwise.layers.masks import Mask
from lengthwise.layers.modalities import ImagePatches
from lengthwise.layers.norms import LayerNorm
from lengthwise.layers.positions import NO_RELATION
from lengthwise.layers.precision import cast_to_compute
from lengthwise.models import defaults
from lengthwise.models.classifier import ImageClassifier, refuses_other_than_images
from lengthwise.models.transformer import EncoderBlock, TransformerConfig


@dataclass(frozen=True, kw_only=True)
class VisionTransformerConfig(ModelConfig):
    """Sizes."""

    d_model: int = 128
    d_ff: int = 384
    num_heads: int = 4
    num_layers: int = 6
    patch: int = 4
    """Height and width of a patch; divides those of the images."""
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.num_heads < 1 or self.d_model % self.num_heads:
            raise ValueError(f"`model.num_heads` must divide {self.d_model}, but is {self.num_heads}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`model.dropout` must be at least 0 and below 1, but is {self.dropout}.")

    def build(self, features: Features) -> "VisionTransformer":
        """A freshly initialised model."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return VisionTransformer(self, features)

    def refuses(self, features: Features) -> str | None:
        """It reads images and tells a class."""
        reason = refuses_other_than_images(features, "vision_transformer")
        if reason is None and features.inputs is not None and any(side % self.patch for side in features.inputs.shape):
            return f"`model.patch` must divide images of {features.inputs.shape}, but is {self.patch}."
        return reason

    def training_defaults(self) -> dict[str, object]:
        """Muon and a linear decay; a token is an image or its class."""
        return {**defaults.muon(self.d_model), "batch.tokens": 512, "train.label_smoothing": 0.1}


def tiny() -> VisionTransformerConfig:
    """Six layers of width 128, patches of 4: for ten CPU minutes."""
    return VisionTransformerConfig()


def base() -> VisionTransformerConfig:
    """The published base sizes, patches of 16."""
    return VisionTransformerConfig(d_model=768, d_ff=3072, num_heads=12, num_layers=12, patch=16)


class VisionTransformer(ImageClassifier):
    """Patches, learned positions, blocks, a mean."""

    def __init__(self, config: VisionTransformerConfig, features: Features) -> None:
        super().__init__(features, config.d_model)
        assert features.inputs is not None
        self.config = config
        height, width = features.inputs.shape
        self.patches = ImagePatches((height, width), features.inputs.size, config.patch, config.d_model)
        self.positions = nn.Parameter(torch.empty(self.patches.num_patches, config.d_model))
        block = TransformerConfig(
            d_model=config.d_model, d_ff=config.d_ff, num_heads=config.num_heads, dropout=config.dropout
        )
        self.blocks = nn.ModuleList(EncoderBlock(block) for _ in range(config.num_layers))
        self.norm = LayerNorm(config.d_model, use_bias=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """N(0, 1/d) for matrices, smaller where a branch ends; the head begins at zero."""
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear):
                is_end = name.endswith((".output", ".outer"))
                scale = (2 * self.config.num_layers) ** -0.5 if is_end else 1.0
                nn.init.normal_(module.weight, std=module.in_features**-0.5 * scale)
        nn.init.normal_(self.positions, std=0.02)
        nn.init.zeros_(self.patches.projection.bias)
        nn.init.zeros_(self.head.weight)

    def describe(self, images: Float[Tensor, "batch height width channels"]) -> Float[Tensor, "batch d_model"]:
        """The mean over the patches after the last layer."""
        x = cast_to_compute(self.patches(images) + self.positions)
        x = F.dropout(x, self.config.dropout, self.training)
        for block in self.blocks:
            x = block(x, Mask(), NO_RELATION)
        return self.norm(x).mean(1)
