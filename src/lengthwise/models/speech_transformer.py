"""Transformer for speech: a convolutional encoder with a CTC head, and an attention decoder.

Follows Dong et al. 2018 (Speech-Transformer), Watanabe et al. 2017 (CTC beside attention) and, for the convolution in
each layer of the encoder, Gulati et al. 2020 (Conformer, arXiv 2005.08100), with a layer norm in place of batch norm.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lengthwise.contracts import (
    EOS,
    PAD,
    START,
    Alignment,
    Autoregressive,
    AuxLoss,
    Batch,
    DecodeState,
    Features,
    ModelConfig,
    Output,
    refuses_other_than_tokens,
)
from lengthwise.layers.attention import StackedLinear
from lengthwise.layers.beam_cache import BeamCache
from lengthwise.layers.convolution import DepthwiseConvolution
from lengthwise.layers.masks import Mask, padding_mask
from lengthwise.layers.modalities import BOTTOMS, bottom_of, read
from lengthwise.layers.norms import LayerNorm
from lengthwise.layers.positions import Positions, Relation
from lengthwise.layers.precision import cast_to_compute
from lengthwise.layers.subsampling import Subsampling
from lengthwise.models import defaults
from lengthwise.models.transformer import (
    INITIAL_SCALE,
    DecoderBlock,
    EncoderBlock,
    Residual,
    TransformerConfig,
    TransformerState,
)


@dataclass(frozen=True, kw_only=True)
class SpeechTransformerConfig(ModelConfig):
    """Sizes, and how much CTC counts."""

    d_model: int = 192
    d_ff: int = 576
    num_heads: int = 4
    num_encoder_layers: int = 6
    num_decoder_layers: int = 1
    kernel_size: int = 15
    """Quarter frames (of 40 ms) that a convolution in the encoder sees; odd."""
    dropout: float = 0.1
    ctc_weight: float = 1.0
    """Of CTC's loss beside the decoder's. 0: no CTC, for targets in another order than the sounds (translations)."""

    def __post_init__(self) -> None:
        if self.num_heads < 1 or self.d_model % (2 * self.num_heads):
            raise ValueError(f"`model.num_heads` must divide {self.d_model} / 2, but is {self.num_heads}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`model.dropout` must be at least 0 and below 1, but is {self.dropout}.")
        if self.ctc_weight < 0:
            raise ValueError(f"`model.ctc_weight` must be at least 0, but is {self.ctc_weight}.")

    def build(self, features: Features) -> "SpeechTransformer":
        """A freshly initialised model."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return SpeechTransformer(self, features)

    def refuses(self, features: Features) -> str | None:
        """It reads sounds, or whatever a Transformer reads, and writes tokens."""
        return refuses_other_than_tokens(features, "speech_transformer", needs_inputs=False, reads=BOTTOMS)

    def training_defaults(self) -> dict[str, object]:
        """Muon and a linear decay; a batch is about two minutes of speech."""
        return {**defaults.muon(self.d_model), "batch.tokens": 14_000}


def tiny() -> SpeechTransformerConfig:
    """Six encoder layers, one decoder layer, width 192: for an hour on two CPU cores."""
    return SpeechTransformerConfig()


def base() -> SpeechTransformerConfig:
    """Twelve encoder layers, six decoder layers, width 256: the sizes usual for 100 hours and more."""
    return SpeechTransformerConfig(d_model=256, d_ff=2048, num_encoder_layers=12, num_decoder_layers=6)


class SpeechTransformer(Autoregressive):
    """A quarter of the frames, encoder blocks, a head that tells each frame's character, a decoder."""

    def __init__(self, config: SpeechTransformerConfig, features: Features) -> None:
        super().__init__()
        self.config, self.growth = config, features.growth
        sizes = TransformerConfig(
            d_model=config.d_model, d_ff=config.d_ff, num_heads=config.num_heads, dropout=config.dropout
        )
        self.bottom = bottom_of(features.inputs or features.targets, config.d_model)
        self.aligns = (
            config.ctc_weight > 0 and features.inputs is not None and features.inputs.modality == "spectrogram"
        )
        self.encoder = nn.ModuleList(
            SpeechEncoderBlock(sizes, config.kernel_size) for _ in range(config.num_encoder_layers)
        )
        self.encoder_norm = LayerNorm(config.d_model, use_bias=False)
        self.target_embedding = nn.Embedding(features.targets.size, config.d_model)
        self.decoder = nn.ModuleList(DecoderBlock(sizes) for _ in range(config.num_decoder_layers))
        self.decoder_norm = LayerNorm(config.d_model, use_bias=False)
        self.head = nn.Linear(config.d_model, features.targets.size, bias=False)
        self.head.weight = self.target_embedding.weight
        self.ctc = nn.ModuleDict()
        if self.aligns:
            # Called a head, so that optimizers treat it as one.
            self.ctc["head"] = nn.Linear(config.d_model, features.targets.size)
        self.positions = Positions("rotary", config.d_model, config.num_heads, features)
        self.reset_parameters()

    @property
    def decoder_blocks(self) -> Iterable[DecoderBlock]:
        """The decoder's layers with the type that a `ModuleList` forgets."""
        return cast(Iterable[DecoderBlock], self.decoder)

    def reset_parameters(self) -> None:
        """As a Transformer begins; what reads frames at the scale of its own inputs, CTC's head at zero."""
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=self.config.d_model**-0.5 * INITIAL_SCALE)
            elif isinstance(module, nn.Linear) and module is not self.head:
                nn.init.normal_(module.weight, std=self.config.d_model**-0.5 * INITIAL_SCALE)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        layers = [part for part in self.modules() if isinstance(part, Subsampling)]
        for layer in (layer for part in layers for layer in (part.first, part.second)):
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)

    def encode(
        self, inputs: Tensor | None, rows: int = 1
    ) -> tuple[Float[Tensor, "batch quarter d_model"], Bool[Tensor, "batch quarter"]]:
        """A vector for every 4 frames (of other inputs for every token or patch), and which of them are real."""
        if inputs is not None and inputs.is_floating_point():
            inputs = inputs.to(self.encoder_norm.weight.dtype)
        vectors, ids = read(self.bottom, inputs, rows)
        x, is_real = F.dropout(cast_to_compute(vectors), self.config.dropout, self.training), ids != PAD
        places = torch.arange(x.shape[1], device=x.device)[None]
        relation = self.positions.relate(places, places, is_encoder=True)
        mask = padding_mask(is_real.long())
        for block in self.encoder:
            x = block(x, is_real, mask, relation)
        return self.encoder_norm(x), is_real

    def forward(self, batch: Batch) -> Output:
        """Teacher-forced: the decoder reads the targets shifted right by one."""
        memory, is_real = self.encode(batch.inputs, len(batch.targets))
        places = self.positions.of_targets(batch.targets.shape[1], batch.targets.device)
        x = self.embed(F.pad(batch.targets[:, :-1], (1, 0), value=START))
        relation = self.positions.relate(places, places)
        mask = padding_mask(is_real.long())
        for block in self.decoder_blocks:
            x = block(x, memory, mask, relation)
        output = Output(self.decoder_norm(x), self.head)
        if self.aligns and not is_real.is_meta:
            total = self.config.ctc_weight * self._ctc_loss(memory, is_real, batch.targets)
            output.aux_losses["ctc"] = AuxLoss(total, "targets")
        return output

    def _ctc_loss(self, memory: Tensor, is_real: Tensor, targets: Tensor) -> Float[Tensor, ""]:
        """Negative log-likelihoods of the targets without EOS; 0 for more targets than frames could say."""
        said = (targets != PAD) & (targets != EOS)
        log_probs = self._frame_log_probs(memory).transpose(0, 1)
        lengths = is_real.sum(1), said.sum(1)
        return F.ctc_loss(log_probs, targets, *lengths, blank=PAD, reduction="sum", zero_infinity=True)

    def _frame_log_probs(self, memory: Tensor) -> Float[Tensor, "batch quarter vocab"]:
        logits = self.ctc["head"](memory)
        return logits.to(torch.promote_types(logits.dtype, torch.float32)).log_softmax(-1)

    def embed(self, tokens: Int[Tensor, "batch length"]) -> Float[Tensor, "batch length d_model"]:
        """Token embeddings times √d_model, in the type that the layers compute in."""
        x = self.target_embedding(tokens) * self.config.d_model**0.5
        return F.dropout(cast_to_compute(x), self.config.dropout, self.training)

    @torch.no_grad()
    def align(self, inputs: Tensor) -> Alignment | None:
        """What CTC's head tells of every 4 frames."""
        if not self.aligns:
            return None
        memory, is_real = self.encode(inputs)
        return Alignment(self._frame_log_probs(memory), is_real.sum(1))

    @torch.no_grad()
    def start(self, inputs: Tensor | None, max_length: int) -> TransformerState:
        """Encode once, and keep every layer's keys and values of the memory."""
        memory, is_real = self.encode(inputs)
        memories = [block.cross_attention.read(memory) for block in self.decoder_blocks]
        return TransformerState(BeamCache(memories, padding_mask(is_real.long()), max_length))

    @torch.no_grad()
    def step(self, tokens: Int[Tensor, " rows"], state: DecodeState) -> Float[Tensor, "rows vocab"]:
        """One position further in every row."""
        assert isinstance(state, TransformerState)
        cache = state.cache
        places = self.positions.of_targets(cache.length + 1, tokens.device)
        x = self.embed(tokens[:, None]).view(-1, cache.beam, self.config.d_model)
        relation = self.positions.relate(places[:, -1:], places)
        for layer, block in enumerate(self.decoder_blocks):
            x = block.step(x, cache, layer, relation)
        cache.length += 1
        return self.head(self.decoder_norm(x)).flatten(0, 1)


class SpeechEncoderBlock(EncoderBlock):
    """A convolution, then self-attention and a feed-forward network."""

    def __init__(self, config: TransformerConfig, kernel_size: int) -> None:
        super().__init__(config)
        self.around_convolution = Residual(config)
        self.gated = StackedLinear(config.d_model, 2)
        self.convolution = DepthwiseConvolution(config.d_model, kernel_size)
        self.convolution_norm = LayerNorm(config.d_model, use_bias=False)
        self.mix = nn.Linear(config.d_model, config.d_model, bias=False)

    def forward(  # type: ignore[override]
        self,
        x: Float[Tensor, "batch length d_model"],
        is_real: Bool[Tensor, "batch length"],
        mask: Mask,
        relation: Relation,
    ) -> Float[Tensor, "batch length d_model"]:
        """One layer; nothing of the padding reaches a real position."""
        value, gate = self.gated(self.around_convolution.enter(x)).chunk(2, -1)
        change = self.convolution(value * gate.sigmoid() * is_real[..., None])
        x = self.around_convolution.leave(x, self.mix(F.silu(self.convolution_norm(change))))
        return super().forward(x, mask, relation)
