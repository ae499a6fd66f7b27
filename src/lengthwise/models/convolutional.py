"""Dilated separable convolutions (ByteNet: Kalchbrenner et al. 2016, arXiv 1610.10099) with attention (SliceNet: Kaiser
et al. 2017, arXiv 1706.03059).

Differences: pre-norm residual blocks of one depthwise convolution and a two-layer pointwise network, attention in every
decoder block, sinusoids added to the embeddings rather than before the attention, embeddings and output are tied.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lengthwise.contracts import (
    START,
    Autoregressive,
    Batch,
    DecodeState,
    Features,
    ModelConfig,
    Output,
    refuses_other_than_tokens,
)
from lengthwise.layers.attention import CrossAttention
from lengthwise.layers.beam_memory import BeamMemory
from lengthwise.layers.convolution import DepthwiseConvolution, Window
from lengthwise.layers.feed_forward import FeedForward
from lengthwise.layers.masks import Mask, padding_mask
from lengthwise.layers.modalities import BOTTOMS, bottom_of, read
from lengthwise.layers.norms import LayerNorm
from lengthwise.layers.positions import sinusoids
from lengthwise.layers.precision import cast_to_compute
from lengthwise.models import defaults


@dataclass(frozen=True, kw_only=True)
class ConvolutionalConfig(ModelConfig):
    """Sizes, and how far a position sees."""

    d_model: int = 256
    d_ff: int = 512
    num_heads: int = 4
    num_encoder_layers: int = 4
    num_decoder_layers: int = 2
    kernel_size: int = 5
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    """Of the layers of a side in turn, from the first again after the last."""
    use_positions: bool = True
    """Whether sinusoids tell where a token stands; without them only convolutions and the ends of a sequence do."""
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.d_model % self.num_heads:
            raise ValueError(
                f"`model.num_heads` must divide `model.d_model` = {self.d_model}, but is {self.num_heads}."
            )
        if self.kernel_size < 1 or self.kernel_size % 2 == 0:
            raise ValueError(f"`model.kernel_size` must be odd and at least 1, but is {self.kernel_size}.")
        if not self.dilations or min(self.dilations) < 1:
            raise ValueError(f"`model.dilations` must be one or more of at least 1, but is {self.dilations}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`model.dropout` must be at least 0 and below 1, but is {self.dropout}.")

    def dilation(self, layer: int) -> int:
        """How far apart the taps of a layer are."""
        return self.dilations[layer % len(self.dilations)]

    def build(self, features: Features) -> "Convolutional":
        """A freshly initialised model."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return Convolutional(self, features)

    def refuses(self, features: Features) -> str | None:
        """It reads tokens, images or sounds, if anything, and writes tokens."""
        return refuses_other_than_tokens(features, "convolutional", needs_inputs=False, reads=BOTTOMS)

    def training_defaults(self) -> dict[str, object]:
        """Muon for the pointwise matrices and a linear decay, as of the Transformer."""
        return defaults.muon(self.d_model)


def tiny() -> ConvolutionalConfig:
    """Four encoder layers, two decoder layers, width 256: for ten CPU minutes."""
    return ConvolutionalConfig()


def base() -> ConvolutionalConfig:
    """Eight layers a side, every dilation twice, width 512."""
    return ConvolutionalConfig(
        d_model=512, d_ff=1024, num_heads=8, num_encoder_layers=8, num_decoder_layers=8, dropout=0.1
    )


class Branch(nn.Module):
    """x + separable convolution of norm(x): a depthwise convolution, then a pointwise network."""

    def __init__(self, config: ConvolutionalConfig, layer: int, is_causal: bool) -> None:
        super().__init__()
        self.norm = LayerNorm(config.d_model, use_bias=False)
        self.depthwise = DepthwiseConvolution(config.d_model, config.kernel_size, config.dilation(layer), is_causal)
        self.pointwise = FeedForward(config.d_model, config.d_ff)
        self.dropout = config.dropout

    def forward(
        self, x: Float[Tensor, "batch length d_model"], is_real: Bool[Tensor, "batch length"] | None = None
    ) -> Float[Tensor, "batch length d_model"]:
        """Over a whole sequence; padding counts as the zeros beyond its end."""
        normed = self.norm(x)
        if is_real is not None:
            normed = normed * is_real[:, :, None]
        change = self.pointwise(self.depthwise(normed))
        return x + F.dropout(change, self.dropout, self.training)

    def step(self, x: Float[Tensor, "rows d_model"], window: Window) -> Float[Tensor, "rows d_model"]:
        """At the newest position of every row."""
        return x + self.pointwise(self.depthwise.step(self.norm(x), window)[:, None])[:, 0]


class DecoderBlock(nn.Module):
    """A causal separable convolution, then attention to the encoder where there is one."""

    def __init__(self, config: ConvolutionalConfig, layer: int, reads_inputs: bool) -> None:
        super().__init__()
        self.convolution = Branch(config, layer, is_causal=True)
        self.norm = LayerNorm(config.d_model, use_bias=False) if reads_inputs else None
        self.attention = CrossAttention(config.d_model, config.num_heads) if reads_inputs else None
        self.dropout = config.dropout

    def forward(
        self,
        x: Float[Tensor, "batch length d_model"],
        memory: Float[Tensor, "batch source_len d_model"] | None,
        memory_mask: Mask,
    ) -> Float[Tensor, "batch length d_model"]:
        """One layer of the decoder over a whole sequence."""
        x = self.convolution(x)
        if memory is None or self.attention is None or self.norm is None:
            return x
        return x + F.dropout(self.attention(self.norm(x), memory, memory_mask), self.dropout, self.training)

    def step(self, x: Float[Tensor, "rows d_model"], state: "ConvolutionalState", layer: int) -> Tensor:
        """The same layer at the newest position of every row."""
        x = self.convolution.step(x, state.windows[layer])
        if state.memory is None or self.attention is None or self.norm is None:
            return x
        queries = self.attention.queries(self.norm(x)).unflatten(-1, (self.attention.num_heads, -1))
        return x + self.attention.output(state.memory.attend(layer, queries).flatten(1))


class ConvolutionalState(DecodeState):
    """What the convolutions of every layer still see, what the decoder attends to, and how many tokens are written."""

    def __init__(self, memory: BeamMemory | None, windows: list[Window]) -> None:
        self.memory = memory
        self.windows = windows
        self.length = 0

    def reorder(self, order: Int[Tensor, " rows"]) -> None:
        """Let row `i` continue row `order[i]`."""
        if self.memory is not None:
            self.memory.reorder(order)
        for window in self.windows:
            window.reorder(order)


class Convolutional(Autoregressive):
    """Encoder and decoder; one embedding for both sides and the output where the problem shares its vocabulary."""

    def __init__(self, config: ConvolutionalConfig, features: Features) -> None:
        super().__init__()
        self.config, self.growth = config, features.growth
        reads_inputs = features.inputs is not None
        self.target_embedding = nn.Embedding(features.targets.size, config.d_model)
        self.input_embedding = self.target_embedding
        if features.inputs is not None:
            if not features.is_shared:
                self.input_embedding = bottom_of(features.inputs, config.d_model)
            self.encoder = nn.ModuleList(Branch(config, layer, False) for layer in range(config.num_encoder_layers))
            self.encoder_norm = LayerNorm(config.d_model, use_bias=False)
        self.decoder = nn.ModuleList(
            DecoderBlock(config, layer, reads_inputs) for layer in range(config.num_decoder_layers)
        )
        self.decoder_norm = LayerNorm(config.d_model, use_bias=False)
        self.head = nn.Linear(config.d_model, features.targets.size, bias=False)
        self.head.weight = self.target_embedding.weight
        self.positions: Tensor
        self.register_buffer("positions", sinusoids(512, config.d_model), persistent=False)
        self.reset_parameters()

    @property
    def decoder_blocks(self) -> Iterable[DecoderBlock]:
        """The decoder's layers with the type that a `ModuleList` forgets."""
        return cast(Iterable[DecoderBlock], self.decoder)

    def reset_parameters(self) -> None:
        """Embeddings N(0, 1/d); matrices Glorot-uniform, smaller where a branch ends; filters as they come."""
        num_branches = self.config.num_encoder_layers + 2 * self.config.num_decoder_layers
        for name, module in self.named_modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=self.config.d_model**-0.5)
            elif isinstance(module, nn.Linear) and module is not self.head:
                is_outer = name.endswith((".output", ".outer"))
                for block in module.weight.chunk(getattr(module, "num_blocks", 1)):
                    nn.init.xavier_uniform_(block, gain=num_branches**-0.5 if is_outer else 1.0)

    def embed(self, tokens: Int[Tensor, "rows length"], start: int = 0) -> Float[Tensor, "rows length d_model"]:
        """Embeddings of targets times √d_model, and their positions."""
        return self.placed(read(self.target_embedding, tokens)[0], start)

    def placed(self, x: Float[Tensor, "rows length d_model"], start: int = 0) -> Float[Tensor, "rows length d_model"]:
        """Vectors and their positions from `start` on, in the type that the layers compute in."""
        if self.config.use_positions:
            end = start + x.shape[1]
            while end > len(self.positions):
                longer = sinusoids(2 * len(self.positions), self.config.d_model, self.positions.device)
                self.positions = longer.to(self.positions.dtype)
            x = x + self.positions[start:end]
        return F.dropout(cast_to_compute(x), self.config.dropout, self.training)

    def encode(self, inputs: Tensor) -> tuple[Float[Tensor, "batch source_len d_model"], Mask]:
        """The memory that the decoder reads, and what of it is real."""
        vectors, ids = read(self.input_embedding, inputs)
        x, mask = self.placed(vectors), padding_mask(ids)
        for block in self.encoder:
            x = block(x, mask.keys)
        return self.encoder_norm(x), mask

    def forward(self, batch: Batch) -> Output:
        """Teacher-forced: the decoder reads the targets shifted right by one."""
        memory, mask = (None, Mask()) if batch.inputs is None else self.encode(batch.inputs)
        x = self.embed(F.pad(batch.targets[:, :-1], (1, 0), value=START))
        for block in self.decoder_blocks:
            x = block(x, memory, mask)
        return Output(self.decoder_norm(x), self.head)

    @torch.no_grad()
    def start(self, inputs: Tensor | None, max_length: int) -> ConvolutionalState:
        """Encode once, and keep every layer's keys and values; windows need no room for `max_length` tokens."""
        if inputs is None:
            first, memory = cast_to_compute(self.target_embedding.weight.new_zeros(1, self.config.d_model)), None
        else:
            encoded, mask = self.encode(inputs)
            memories = [block.attention.read(encoded) for block in self.decoder_blocks if block.attention is not None]
            first, memory = encoded[:, 0], BeamMemory(memories, mask)
        windows = [Window(first, block.convolution.depthwise.span) for block in self.decoder_blocks]
        return ConvolutionalState(memory, windows)

    @torch.no_grad()
    def step(self, tokens: Int[Tensor, " rows"], state: DecodeState) -> Float[Tensor, "rows vocab"]:
        """One position further in every row."""
        assert isinstance(state, ConvolutionalState)
        x = self.embed(tokens[:, None], state.length)[:, 0]
        for layer, block in enumerate(self.decoder_blocks):
            x = block.step(x, state, layer)
        state.length += 1
        return self.head(self.decoder_norm(x))
