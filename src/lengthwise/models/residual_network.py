"""Residual networks of convolutions for images (He et al. 2016, arXiv 1603.05027: norms and ReLU before convolutions).

`xception` has separable convolutions in their place (Chollet 2017, arXiv 1610.02357), in the same small frame.
"""

from dataclasses import dataclass, replace

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from lengthwise.contracts import Features, ModelConfig
from lengthwise.layers.modalities import channels_first, pooled
from lengthwise.layers.residual_blocks import Block, Convolution, GroupNorm
from lengthwise.models import defaults
from lengthwise.models.classifier import ImageClassifier, refuses_other_than_images


@dataclass(frozen=True, kw_only=True)
class ResidualNetworkConfig(ModelConfig):
    """How wide and deep each resolution is."""

    widths: tuple[int, ...] = (48, 96, 192)
    """Channels of each stage; every stage but the first halves the resolution."""
    blocks_per_stage: int = 2
    stem_stride: int = 2
    """How much smaller than the image the first stage is; 1 sees more and takes about four times as long."""
    is_separable: bool = False
    dropout: float = 0.1
    """Before the head."""

    def __post_init__(self) -> None:
        if not self.widths or min(self.widths) < 8 or any(width % 8 for width in self.widths):
            raise ValueError(f"`model.widths` must be multiples of 8, but are {list(self.widths)}.")
        if self.stem_stride < 1:
            raise ValueError(f"`model.stem_stride` must be at least 1, but is {self.stem_stride}.")
        if self.blocks_per_stage < 1:
            raise ValueError(f"`model.blocks_per_stage` must be at least 1, but is {self.blocks_per_stage}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`model.dropout` must be at least 0 and below 1, but is {self.dropout}.")

    def build(self, features: Features) -> "ResidualNetwork":
        """A freshly initialised model."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return ResidualNetwork(self, features)

    def refuses(self, features: Features) -> str | None:
        """It reads images and tells a class."""
        return refuses_other_than_images(features, "residual_network")

    def training_defaults(self) -> dict[str, object]:
        """Muon and a linear decay; a token is an image or its class."""
        rates = {"train.optimizer.learning_rate": 4e-3, "train.optimizer.matrix_learning_rate": 0.04}
        return {**defaults.muon(self.widths[0]), **rates, "batch.tokens": 512, "train.label_smoothing": 0.1}


def tiny() -> ResidualNetworkConfig:
    """Three stages of two blocks, at half the image's resolution: for ten CPU minutes."""
    return ResidualNetworkConfig()


def xception() -> ResidualNetworkConfig:
    """The same of separable convolutions, half as wide again."""
    return replace(tiny(), is_separable=True, widths=(96, 192, 384))


def base() -> ResidualNetworkConfig:
    """Four stages up to 512 channels."""
    return ResidualNetworkConfig(widths=(64, 128, 256, 512), blocks_per_stage=3)


class ResidualNetwork(ImageClassifier):
    """Stages of blocks, a mean over the image."""

    def __init__(self, config: ResidualNetworkConfig, features: Features) -> None:
        super().__init__(features, config.widths[-1])
        assert features.inputs is not None
        self.config = config
        size, stride = 2 * config.stem_stride + 1, config.stem_stride
        self.stem = Convolution(features.inputs.size, config.widths[0], size, stride)
        blocks, before = [], config.widths[0]
        for stage, width in enumerate(config.widths):
            for number in range(config.blocks_per_stage):
                stride = 2 if stage and not number else 1
                blocks.append(Block(before, width, stride, config.is_separable))
                before = width
        self.blocks = nn.ModuleList(blocks)
        self.norm = GroupNorm(before)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """He-normal; the last convolution of a block smaller by √blocks, the head zero."""
        for name, module in self.named_modules():
            if isinstance(module, nn.Conv2d | Convolution):
                nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
                if ".second" in name:
                    module.weight.data.mul_(len(self.blocks) ** -0.5)
        nn.init.zeros_(self.head.weight)

    def describe(self, images: Float[Tensor, "batch height width channels"]) -> Float[Tensor, "batch d_model"]:
        """The mean over the image after the last block."""
        x = self.stem(channels_first(images))
        for block in self.blocks:
            x = block(x)
        return F.dropout(pooled(F.relu(self.norm(x))), self.config.dropout, self.training)
