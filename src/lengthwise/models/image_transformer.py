"""The Image Transformer (Parmar et al. 2018, arXiv 1802.05751): a decoder of pixels with local attention.

Differs in: pre-norm with RMS norms and gated feed-forward networks; the memory of a block are the blocks around it;
pixels are written row by row with 2-D attention too; each channel has a mixture given those before it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, cast

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from lengthwise.contracts import START, Autoregressive, Batch, DecodeState, Features, ModelConfig, Output
from lengthwise.layers.feed_forward import GatedFeedForward
from lengthwise.layers.local_attention import Blocks, LocalAttention
from lengthwise.layers.modalities import IntensityMixture
from lengthwise.layers.norms import RMSNorm
from lengthwise.layers.precision import cast_to_compute
from lengthwise.models import defaults

INITIAL_SCALE = 0.32


@dataclass(frozen=True, kw_only=True)
class ImageTransformerConfig(ModelConfig):
    """Sizes, how local attention is, and how intensities are distributed."""

    d_model: int = 128
    d_ff: int = 384
    num_heads: int = 4
    num_layers: int = 6
    dropout: float = 0.0
    block_rows: int = 4
    block_columns: int = 0
    """Of the image's columns, how many a block has (2-D attention); 0: all (1-D attention)."""
    distribution: Literal["categorical", "logistic"] = "categorical"
    """Of an intensity: any over the 256, or a mixture of `num_components` logistic ones."""
    num_components: int = 10

    def __post_init__(self) -> None:
        if self.d_model % self.num_heads:
            raise ValueError(
                f"`model.num_heads` must divide `model.d_model` = {self.d_model}, but is {self.num_heads}."
            )

    def build(self, features: Features) -> "ImageTransformer":
        """A freshly initialised Image Transformer."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return ImageTransformer(self, features)

    def refuses(self, features: Features) -> str | None:
        """It writes pixels, of a class or of none."""
        inputs, targets = features.inputs, features.targets
        if targets.modality != "pixels":
            return f"The targets of a problem for `image_transformer` must be pixels, but are {targets.modality}."
        if inputs is not None and inputs.modality != "label":
            return f"The inputs of a problem for `image_transformer` must be a label, but are {inputs.modality}."
        try:
            self.blocks(targets.shape)
        except ValueError as error:
            return str(error)
        return None

    def blocks(self, shape: tuple[int, ...]) -> Blocks:
        """How images of this shape are cut."""
        height, width, channels = shape
        return Blocks((height, width, channels), self.block_rows, self.block_columns or width)

    def training_defaults(self) -> dict[str, object]:
        """Muon and a linear decay, eight images an update."""
        return defaults.muon(self.d_model) | {"batch.tokens": 8 * 785}


def tiny() -> ImageTransformerConfig:
    """Six layers of width 128, 1-D attention: blocks of four rows."""
    return ImageTransformerConfig()


def tiny_2d() -> ImageTransformerConfig:
    """The same with 2-D attention: blocks of 4 x 4 pixels."""
    return replace(tiny(), block_columns=4)


def base() -> ImageTransformerConfig:
    """Twelve layers of width 512, 1-D attention, a mixture of ten logistic distributions: as published for CIFAR-10."""
    return ImageTransformerConfig(
        d_model=512, d_ff=1536, num_heads=4, num_layers=12, dropout=0.3, distribution="logistic"
    )


class Block(nn.Module):
    """Local attention and a feed-forward network."""

    def __init__(self, config: ImageTransformerConfig, blocks: Blocks) -> None:
        super().__init__()
        self.attention_norm = RMSNorm(config.d_model)
        self.attention = LocalAttention(config.d_model, config.num_heads, blocks)
        self.feed_forward_norm = RMSNorm(config.d_model)
        self.feed_forward = GatedFeedForward(config.d_model, config.d_ff)
        self.dropout = config.dropout

    def forward(self, x: Float[Tensor, "batch length d_model"]) -> Float[Tensor, "batch length d_model"]:
        """One layer over whole images."""
        return self.after(x, self.attention(self.attention_norm(x)))

    def after(self, x: Tensor, change: Tensor) -> Tensor:
        """The rest of the layer, once attention has answered."""
        x = x + F.dropout(change, self.dropout, self.training)
        return x + F.dropout(self.feed_forward(self.feed_forward_norm(x)), self.dropout, self.training)


class PixelState(DecodeState):
    """Keys and values of all layers, and how many positions are written."""

    def __init__(self, context: Tensor, keys: list[Tensor], values: list[Tensor]) -> None:
        self.context, self.keys, self.values, self.length = context, keys, values, 0

    def reorder(self, order: Int[Tensor, " rows"]) -> None:
        """Let row `i` continue row `order[i]`."""
        self.context = self.context[order]
        self.keys, self.values = ([each[order] for each in kept] for kept in (self.keys, self.values))


class ImageTransformer(Autoregressive):
    """A stack of blocks over the intensities of an image, each read one position later; the class is added to all."""

    def __init__(self, config: ImageTransformerConfig, features: Features) -> None:
        super().__init__()
        self.config, self.growth = config, features.growth
        self.shape = features.targets.shape
        d_model, vocab = config.d_model, features.targets.size
        self.target_embedding = nn.Embedding(vocab, d_model)
        self.places = nn.ModuleList(nn.Embedding(size, d_model) for size in self.shape)
        self.input_embedding = None if features.inputs is None else nn.Embedding(features.inputs.size, d_model)
        blocks = config.blocks(self.shape)
        self.blocks = nn.ModuleList(Block(config, blocks) for _ in range(config.num_layers))
        self.norm = RMSNorm(d_model)
        if config.distribution == "logistic":
            self.head = IntensityMixture(d_model, config.num_components, vocab)
        else:
            self.head = nn.Linear(d_model, vocab, bias=False)
        self.reset_parameters()

    @property
    def layers(self) -> Iterable[Block]:
        """The blocks with the type that a `ModuleList` forgets."""
        return cast(Iterable[Block], self.blocks)

    def reset_parameters(self) -> None:
        """N(0, 0.1/d) for matrices, those that end a residual branch smaller by √(branches); embeddings add up to 1."""
        std = self.config.d_model**-0.5 * INITIAL_SCALE
        for name, module in self.named_modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=std)
            elif isinstance(module, nn.Linear):
                is_end = name.endswith((".output", ".outer"))
                nn.init.normal_(module.weight, std=std * (2 * self.config.num_layers) ** -0.5 if is_end else std)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        if isinstance(self.head, IntensityMixture):
            self.head.spread_out()

    def context(self, inputs: Tensor | None, rows: int) -> Float[Tensor, "rows 1 d_model"]:
        """What each row's class adds to all its positions."""
        if inputs is None or self.input_embedding is None:
            return self.target_embedding.weight.new_zeros(rows, 1, self.config.d_model)
        return self.input_embedding(inputs[:, :1])

    def embed(
        self, tokens: Int[Tensor, "rows length"], context: Float[Tensor, "rows 1 d_model"], begin: int = 0
    ) -> Float[Tensor, "rows length d_model"]:
        """Intensities, where they stand and the class, summed, in the type that the layers compute in."""
        position = torch.arange(begin, begin + tokens.shape[1], device=tokens.device)
        _, width, channels = self.shape
        where = (position // (width * channels), position // channels % width, position % channels)
        x = self.target_embedding(tokens) + context
        for embedding, index in zip(self.places, where, strict=True):
            x = x + embedding(index)
        return F.dropout(cast_to_compute(x * self.config.d_model**0.5), self.config.dropout, self.training)

    def forward(self, batch: Batch) -> Output:
        """Teacher-forced: every intensity is read one position later."""
        previous = F.pad(batch.targets[:, :-1], (1, 0), value=START)
        x = self.embed(previous, self.context(batch.inputs, len(previous)))
        for block in self.layers:
            x = block(x)
        return Output(self.norm(x), self.head)

    @torch.no_grad()
    def start(self, inputs: Tensor | None, max_length: int) -> PixelState:
        """Room for the keys and values of all positions; without inputs one row."""
        rows = 1 if inputs is None else len(inputs)
        context = self.context(inputs, rows)
        room = [math.prod(self.shape), self.config.d_model]
        like = cast_to_compute(context)
        kept = [[like.new_zeros(rows, *room) for _ in self.blocks] for _ in range(2)]
        return PixelState(context, *kept)

    @torch.no_grad()
    def step(self, tokens: Int[Tensor, " rows"], state: DecodeState) -> Float[Tensor, "rows vocab"]:
        """One position further in every row."""
        assert isinstance(state, PixelState)
        position = state.length
        x = self.embed(tokens[:, None], state.context, position)
        for block, keys, values in zip(self.layers, state.keys, state.values, strict=True):
            x = block.after(x, block.attention.step(block.attention_norm(x), keys, values, position))
        state.length += 1
        return self.head(self.norm(x))[:, 0]
