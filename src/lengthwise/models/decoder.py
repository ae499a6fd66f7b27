"""The decoder-only Transformer as it is built today: language models, and any task written behind its inputs.

Norms come first (RMSNorm: Zhang and Sennrich 2019), positions by rotation (Su 2021), a gated feed-forward network
(Shazeer 2020), fewer heads of keys than of queries (Ainslie 2023), normalised queries and keys (Henry 2020), one matrix
for embeddings and output; each of them a word of the config.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal, cast

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from lengthwise.contracts import (
    PAD,
    START,
    Autoregressive,
    Batch,
    DecodeState,
    Features,
    ModelConfig,
    Output,
    refuses_other_than_tokens,
)
from lengthwise.layers.attention import GroupedQueryAttention, merge_heads
from lengthwise.layers.beam_cache import BeamCache, Memory
from lengthwise.layers.feed_forward import FeedForward, GatedFeedForward
from lengthwise.layers.masks import Mask
from lengthwise.layers.modalities import BOTTOMS, bottom_of, read
from lengthwise.layers.norms import LayerNorm, RMSNorm
from lengthwise.layers.positions import Positions, Relation, Scheme, refuses_positions
from lengthwise.layers.precision import cast_to_compute
from lengthwise.models import defaults
from lengthwise.models.transformer import INITIAL_SCALE, TransformerState


@dataclass(frozen=True, kw_only=True)
class DecoderConfig(ModelConfig):
    """Sizes and the choices that decoders differ in."""

    reads_documents: ClassVar[bool] = True

    d_model: int = 256
    d_ff: int = 768
    """Of a gated network, which has three matrices: two thirds of another's give as many parameters."""
    num_heads: int = 4
    num_key_heads: int = 4
    num_layers: int = 4
    norm: Literal["rms", "layer"] = "rms"
    feed_forward: Literal["gated", "relu", "gelu"] = "gated"
    positions: Scheme = "rotary"
    use_qk_norm: bool = True
    is_tied: bool = True
    """Whether one matrix is embedding and output."""
    use_bias: bool = False
    dropout: float = 0.0
    max_offset: int = 0
    """In training, positions begin at a random one up to this: those of longer sequences are seen too."""
    max_distance: int = 128
    """From which on distances are one to `relative` positions."""

    def __post_init__(self) -> None:
        for name, whole in (("num_heads", self.d_model), ("num_key_heads", self.num_heads)):
            if getattr(self, name) < 1 or whole % getattr(self, name):
                raise ValueError(f"`model.{name}` must divide {whole}, but is {getattr(self, name)}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`model.dropout` must be at least 0 and below 1, but is {self.dropout}.")

    def build(self, features: Features) -> "Decoder":
        """A freshly initialised decoder."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return Decoder(self, features)

    def refuses(self, features: Features) -> str | None:
        """It reads tokens, images or sounds, if anything, and writes tokens."""
        reason = refuses_other_than_tokens(features, "decoder", needs_inputs=False, reads=BOTTOMS)
        return reason or refuses_positions(self.positions, features, has_encoder=False)

    def training_defaults(self) -> dict[str, object]:
        """Muon and a linear decay."""
        return defaults.muon(self.d_model)


def tiny() -> DecoderConfig:
    """Four layers of width 256."""
    return DecoderConfig()


def base() -> DecoderConfig:
    """Twelve layers of width 768, four heads of keys: the size of GPT-2."""
    return DecoderConfig(d_model=768, d_ff=2048, num_heads=12, num_key_heads=4, num_layers=12)


def gpt2() -> DecoderConfig:
    """GPT-2's smallest (Radford et al. 2019): layer norms, GELU, learned positions, biases."""
    return DecoderConfig(
        d_model=768,
        d_ff=3072,
        num_heads=12,
        num_key_heads=12,
        num_layers=12,
        norm="layer",
        feed_forward="gelu",
        positions="learned",
        use_qk_norm=False,
        use_bias=True,
        dropout=0.1,
    )


class DecoderBlock(nn.Module):
    """Causal self-attention and a feed-forward network."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.attention_norm = norm_of(config)
        self.attention = GroupedQueryAttention(
            config.d_model,
            config.num_heads,
            config.num_key_heads,
            use_bias=config.use_bias,
            use_qk_norm=config.use_qk_norm,
        )
        self.feed_forward_norm = norm_of(config)
        self.feed_forward = (
            GatedFeedForward(config.d_model, config.d_ff, config.use_bias)
            if config.feed_forward == "gated"
            else FeedForward(config.d_model, config.d_ff, config.use_bias, activation=config.feed_forward)
        )
        self.dropout = config.dropout

    def forward(
        self, x: Float[Tensor, "batch length d_model"], mask: Mask, relation: Relation
    ) -> Float[Tensor, "batch length d_model"]:
        """One layer over whole sequences."""
        return self.after(x, self.attention(self.attention_norm(x), mask, relation))

    def after(self, x: Tensor, change: Tensor) -> Tensor:
        """The rest of the layer, once attention has answered."""
        x = x + F.dropout(change, self.dropout, self.training)
        change = self.feed_forward(self.feed_forward_norm(x))
        return x + F.dropout(change, self.dropout, self.training)


def norm_of(config: DecoderConfig) -> nn.Module:
    """A norm of the kind that this decoder has."""
    return RMSNorm(config.d_model) if config.norm == "rms" else LayerNorm(config.d_model, config.use_bias)


class Decoder(Autoregressive):
    """A stack of blocks; inputs, where a problem has any, stand before the targets in one sequence."""

    def __init__(self, config: DecoderConfig, features: Features) -> None:
        super().__init__()
        self.config, self.growth = config, features.growth
        self.target_embedding = nn.Embedding(features.targets.size, config.d_model)
        self.input_embedding = self.target_embedding
        if features.inputs is not None and not features.is_shared:
            self.input_embedding = bottom_of(features.inputs, config.d_model)
        self.blocks = nn.ModuleList(DecoderBlock(config) for _ in range(config.num_layers))
        self.norm = norm_of(config)
        self.head = nn.Linear(config.d_model, features.targets.size, bias=False)
        if config.is_tied:
            self.head.weight = self.target_embedding.weight
        self.positions = Positions(
            config.positions,
            config.d_model,
            config.num_heads,
            features,
            max_offset=config.max_offset,
            max_distance=config.max_distance,
        )
        self.reset_parameters()

    @property
    def layers(self) -> Iterable[DecoderBlock]:
        """The blocks with the type that a `ModuleList` forgets."""
        return cast(Iterable[DecoderBlock], self.blocks)

    def reset_parameters(self) -> None:
        """N(0, 0.1/d) for all, those that end a residual branch smaller by √(branches)."""
        std = self.config.d_model**-0.5 * INITIAL_SCALE
        for name, module in self.named_modules():
            if isinstance(module, nn.Embedding | nn.Linear):
                is_end = name.endswith((".output", ".outer"))
                nn.init.normal_(module.weight, std=std * (2 * self.config.num_layers) ** -0.5 if is_end else std)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
        self.positions.reset_parameters()

    def placed(
        self, vectors: Float[Tensor, "batch length d_model"], places: Int[Tensor, "rows length"]
    ) -> Float[Tensor, "batch length d_model"]:
        """Vectors plus what the positions add, in the type that the layers compute in."""
        x = self.positions.add(vectors, places)
        return F.dropout(cast_to_compute(x), self.config.dropout, self.training)

    def embed(self, tokens: Int[Tensor, "batch length"], places: Int[Tensor, "rows length"]) -> Tensor:
        """Embeddings of targets times √d_model, and their positions."""
        return self.placed(read(self.target_embedding, tokens)[0], places)

    def forward(self, batch: Batch) -> Output:
        """Teacher-forced: every target is read one position later, behind the inputs or at its document's beginning."""
        offset, previous = self.positions.offset(), F.pad(batch.targets[:, :-1], (1, 0), value=START)
        if batch.inputs is not None:
            return self._behind(batch.inputs, previous, offset)
        if batch.documents is None:
            places = self.positions.of_targets(batch.targets.shape[1], batch.targets.device, offset)
        else:
            places = self.positions.of_documents(batch.documents)
            is_first = F.pad(batch.documents[:, 1:] != batch.documents[:, :-1], (1, 0), value=True)
            previous = previous.masked_fill(is_first, START)
        x = self.embed(previous, places)
        return Output(self._through(x, Mask(is_causal=True, documents=batch.documents), places), self.head)

    def _behind(self, inputs: Tensor, previous: Int[Tensor, "batch target_len"], offset: int) -> Output:
        """Inputs and targets as one sequence."""
        vectors, ids = read(self.input_embedding, inputs)
        start, length = ids.shape[1], previous.shape[1]
        places = self.positions.of_both(ids, length, offset)
        x = torch.cat([self.placed(vectors, places[:, :start]), self.embed(previous, places[:, start:])], dim=1)
        mask = Mask(is_causal=True, keys=F.pad(ids != PAD, (0, length), value=True))
        return Output(self._through(x, mask, places)[:, start:], self.head)

    def _through(self, x: Tensor, mask: Mask, places: Tensor) -> Tensor:
        """All layers and the last norm."""
        relation = self.positions.relate(places, places)
        for block in self.layers:
            x = block(x, mask, relation)
        return self.norm(x)

    @torch.no_grad()
    def start(self, inputs: Tensor | None, max_length: int) -> TransformerState:
        """Read the inputs, and keep every layer's keys and values of them; without inputs one row that begins."""
        if inputs is None:
            inputs = torch.zeros(1, 0, dtype=torch.long, device=self.target_embedding.weight.device)
        vectors, ids = read(self.input_embedding, inputs)
        places, is_read = self.positions.of_inputs(ids), ids != PAD
        relation, mask = self.positions.relate(places, places), Mask(is_causal=True, keys=is_read)
        x, memories = self.placed(vectors, places), list[Memory]()
        for block in self.layers:
            memories.append(block.attention.project(block.attention_norm(x), relation)[1:])
            x = block(x, mask, relation)
        return TransformerState(BeamCache(memories, Mask(keys=is_read), max_length, places))

    @torch.no_grad()
    def step(self, tokens: Int[Tensor, " rows"], state: DecodeState) -> Float[Tensor, "rows vocab"]:
        """One position further in every row."""
        assert isinstance(state, TransformerState)
        cache = state.cache
        assert cache.memory_mask.keys is not None and cache.memory_places is not None
        places = self.positions.of_targets_after(cache.memory_mask.keys.sum(1), cache.length + 1)
        newest = places[:, -1:]
        own, before = (self.positions.relate(newest, each) for each in (places, cache.memory_places))
        x = self.embed(tokens[:, None], newest).view(-1, cache.beam, self.config.d_model)
        for layer, block in enumerate(self.layers):
            heads = block.attention.project(block.attention_norm(x), own)
            change = merge_heads(cache.attend_with_memory(layer, *heads, (before.bias, own.bias)))
            x = block.after(x, block.attention.output(change))
        cache.length += 1
        return self.head(self.norm(x)).flatten(0, 1)
