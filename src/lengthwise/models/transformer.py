"""The encoder-decoder Transformer (Vaswani et al. 2017, "Attention Is All You Need", arXiv 1706.03762).

`paper_*` are the published architecture; the other presets differ in: pre-norm, no biases, small initial weights.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, cast

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
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
from lengthwise.layers.attention import CrossAttention, SelfAttention, merge_heads, split_heads
from lengthwise.layers.beam_cache import BeamCache, Memory
from lengthwise.layers.copying import CopyHead, advance, at, places_of
from lengthwise.layers.feed_forward import FeedForward
from lengthwise.layers.masks import Mask, padding_mask
from lengthwise.layers.modalities import BOTTOMS, bottom_of, read
from lengthwise.layers.norms import LayerNorm
from lengthwise.layers.positions import Positions, Relation, Scheme, refuses_positions
from lengthwise.layers.precision import cast_to_compute
from lengthwise.models import defaults

INITIAL_SCALE = 0.32
"""Times 1/√d_model: the deviation that weights begin with where norms come first (why: docs/experiments.md)."""


@dataclass(frozen=True, kw_only=True)
class TransformerConfig(ModelConfig):
    """Sizes and the few choices in which the published and the default architecture differ."""

    d_model: int = 256
    d_ff: int = 1024
    num_heads: int = 4
    num_encoder_layers: int = 2
    num_decoder_layers: int = 1
    dropout: float = 0.0
    norm_placement: Literal["pre", "post"] = "pre"
    use_bias: bool = False
    positions: Scheme = "sinusoid"
    max_offset: int = 0
    """In training, positions begin at a random one up to this: those of longer sequences are seen too."""
    max_distance: int = 128
    """From which on distances are one to `relative` positions."""
    copies: bool = False
    """Whether a token may be copied from the inputs as well as written (See et al. 2017)."""
    follows: bool = False
    """Whether a decoder that copies is told which input stands behind the last one copied."""

    def __post_init__(self) -> None:
        if self.d_model % self.num_heads:
            raise ValueError(
                f"`model.num_heads` must divide `model.d_model` = {self.d_model}, but is {self.num_heads}."
            )
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`model.dropout` must be at least 0 and below 1, but is {self.dropout}.")
        if self.follows and not self.copies:
            raise ValueError("`model.follows` must be false without `model.copies`, but is true. Set both.")

    def build(self, features: Features) -> "Transformer":
        """A freshly initialised Transformer."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return Transformer(self, features)

    def refuses(self, features: Features) -> str | None:
        """A Transformer reads tokens, images or sounds, if anything, and writes tokens."""
        reason = refuses_other_than_tokens(features, "transformer", needs_inputs=False, reads=BOTTOMS)
        if reason is None and self.copies and not (features.is_shared and features.inputs is not None):
            reason = "`model.copies` must have inputs of the targets' vocabulary, but the two differ. Set it to false."
        return reason or refuses_positions(self.positions, features, has_encoder=True)

    def training_defaults(self) -> dict[str, object]:
        """Muon and a linear decay; for the published architecture the published optimizer and schedule."""
        if self.norm_placement == "post":
            return {
                "train.optimizer.name": "adamw",
                "train.optimizer.learning_rate": self.d_model**-0.5,
                "train.optimizer.betas": (0.9, 0.98),
                "train.optimizer.epsilon": 1e-9,
                "train.optimizer.weight_decay": 0.0,
                "train.schedule.name": "noam",
                "train.schedule.warmup_steps": 4000,
                "train.clip_norm": 0.0,
            }
        return defaults.muon(self.d_model)


def tiny() -> TransformerConfig:
    """Two encoder layers, one decoder layer, width 256: of the sizes tried, what learns most in ten CPU minutes."""
    return TransformerConfig()


def small() -> TransformerConfig:
    """Four encoder layers, one decoder layer, width 256: for an hour on two CPU cores."""
    return replace(tiny(), num_encoder_layers=4)


def copying() -> TransformerConfig:
    """The tiny one that may copy tokens of its inputs: where both sides share names, numbers or whole phrases."""
    return replace(tiny(), copies=True, follows=True)


def base() -> TransformerConfig:
    """The published base sizes in the default architecture."""
    return TransformerConfig(
        d_model=512, d_ff=2048, num_heads=8, num_encoder_layers=6, num_decoder_layers=6, dropout=0.1
    )


def big() -> TransformerConfig:
    """The published big sizes in the default architecture."""
    return replace(base(), d_model=1024, d_ff=4096, num_heads=16, dropout=0.3)


def paper_base() -> TransformerConfig:
    """The base model of the paper, exactly: post-norm, sinusoids, shared embeddings times √d_model."""
    return replace(base(), norm_placement="post", use_bias=True)


def paper_big() -> TransformerConfig:
    """The big model of the paper, exactly."""
    return replace(big(), norm_placement="post", use_bias=True)


class Residual(nn.Module):
    """A sublayer's frame: x + f(norm(x)) where norms come first, norm(x + f(x)) where they come last."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.norm = LayerNorm(config.d_model, config.use_bias)
        self.is_pre = config.norm_placement == "pre"
        self.dropout = config.dropout

    def enter(self, x: Tensor) -> Tensor:
        """What the sublayer reads."""
        return self.norm(x) if self.is_pre else x

    def leave(self, x: Tensor, change: Tensor) -> Tensor:
        """What follows the sublayer."""
        x = x + F.dropout(change, self.dropout, self.training)
        return x if self.is_pre else self.norm(x)


class EncoderBlock(nn.Module):
    """Self-attention and a feed-forward network."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        # The paper's attention has no biases: its projections are plain matrices.
        self.attention = SelfAttention(config.d_model, config.num_heads)
        self.around_attention = Residual(config)
        self.feed_forward = FeedForward(config.d_model, config.d_ff, config.use_bias)
        self.around_feed_forward = Residual(config)

    def forward(
        self, x: Float[Tensor, "batch length d_model"], mask: Mask, relation: Relation
    ) -> Float[Tensor, "batch length d_model"]:
        """One layer of the encoder."""
        x = self.around_attention.leave(x, self.attention(self.around_attention.enter(x), mask, relation))
        return self.around_feed_forward.leave(x, self.feed_forward(self.around_feed_forward.enter(x)))


class DecoderBlock(nn.Module):
    """Causal self-attention, attention to the encoder, and a feed-forward network."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.attention = SelfAttention(config.d_model, config.num_heads)
        self.around_attention = Residual(config)
        self.cross_attention = CrossAttention(config.d_model, config.num_heads)
        self.around_cross_attention = Residual(config)
        self.feed_forward = FeedForward(config.d_model, config.d_ff, config.use_bias)
        self.around_feed_forward = Residual(config)

    def forward(
        self,
        x: Float[Tensor, "batch length d_model"],
        memory: Float[Tensor, "batch source_len d_model"],
        memory_mask: Mask,
        relation: Relation,
    ) -> Float[Tensor, "batch length d_model"]:
        """One layer of the decoder over a whole sequence; `memory`: the encoder's."""
        return self.reading(x, self.cross_attention.read(memory), memory_mask, relation)

    def reading(
        self, x: Float[Tensor, "batch length d_model"], memory: Memory, memory_mask: Mask, relation: Relation
    ) -> Float[Tensor, "batch length d_model"]:
        """The same where the keys and values of the memory are known already."""
        change = self.attention(self.around_attention.enter(x), Mask(is_causal=True), relation)
        x = self.around_attention.leave(x, change)
        change = self.cross_attention.ask(self.around_cross_attention.enter(x), *memory, memory_mask, relation.between)
        x = self.around_cross_attention.leave(x, change)
        return self.around_feed_forward.leave(x, self.feed_forward(self.around_feed_forward.enter(x)))

    def step(
        self, x: Float[Tensor, "sentences beam d_model"], cache: BeamCache, layer: int, relation: Relation
    ) -> Tensor:
        """The same layer at the newest position of every row."""
        queries, keys, values = self.attention.project(self.around_attention.enter(x), relation)
        change = self.attention.output(merge_heads(cache.attend(layer, queries, keys, values, relation.bias)))
        x = self.around_attention.leave(x, change)
        (queries,) = split_heads(
            self.cross_attention.queries(self.around_cross_attention.enter(x)), 1, self.attention.num_heads
        )
        change = self.cross_attention.output(merge_heads(cache.attend_memory(layer, queries, relation.between)))
        x = self.around_cross_attention.leave(x, change)
        return self.around_feed_forward.leave(x, self.feed_forward(self.around_feed_forward.enter(x)))

    def write(
        self, x: Float[Tensor, "sentences beam d_model"], cache: BeamCache, layer: int, relation: Relation
    ) -> None:
        """Keep the newest position's keys and values, as `step` does, without its result."""
        _, keys, values = self.attention.project(self.around_attention.enter(x), relation)
        cache.write(layer, keys, values)


class TransformerState(DecodeState):
    """The caches of all layers and how far they reach; where each row is in its inputs, where that is followed."""

    def __init__(self, cache: BeamCache, places: Int[Tensor, " rows"] | None = None) -> None:
        self.cache, self.places = cache, places

    def reorder(self, order: Int[Tensor, " rows"]) -> None:
        """Let row `i` continue row `order[i]`."""
        self.cache.reorder(order)
        if self.places is not None:
            self.places = self.places[order]


class Transformer(Autoregressive):
    """Encoder and decoder; one embedding for both sides and the output where the problem shares its vocabulary."""

    def __init__(self, config: TransformerConfig, features: Features) -> None:
        super().__init__()
        self.config, self.growth = config, features.growth
        self.target_embedding = nn.Embedding(features.targets.size, config.d_model)
        self.input_embedding = self.target_embedding
        if features.inputs is not None and not features.is_shared:
            self.input_embedding = bottom_of(features.inputs, config.d_model)
        self.encoder = nn.ModuleList(EncoderBlock(config) for _ in range(config.num_encoder_layers))
        self.decoder = nn.ModuleList(DecoderBlock(config) for _ in range(config.num_decoder_layers))
        is_pre = config.norm_placement == "pre"
        self.encoder_norm = LayerNorm(config.d_model, config.use_bias) if is_pre else nn.Identity()
        self.decoder_norm = LayerNorm(config.d_model, config.use_bias) if is_pre else nn.Identity()
        self.head = nn.Linear(config.d_model, features.targets.size, bias=False)
        self.head.weight = self.target_embedding.weight
        self.copying = CopyHead(config.d_model) if config.copies else None
        self.following = nn.Linear(config.d_model, config.d_model, bias=False) if config.follows else None
        self.positions = Positions(
            config.positions,
            config.d_model,
            config.num_heads,
            features,
            max_offset=config.max_offset,
            max_distance=config.max_distance,
        )
        self.reset_parameters()
        self.positions.reset_parameters()

    @property
    def decoder_blocks(self) -> Iterable[DecoderBlock]:
        """The decoder's layers with the type that a `ModuleList` forgets."""
        return cast(Iterable[DecoderBlock], self.decoder)

    def reset_parameters(self) -> None:
        """N(0, 0.1/d) for all; where norms come last, embeddings N(0, 1/d) and matrices Glorot-uniform."""
        is_post = self.config.norm_placement == "post"
        std = self.config.d_model**-0.5 * (1.0 if is_post else INITIAL_SCALE)
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=std)
            elif isinstance(module, nn.Linear) and module is not self.head:
                if is_post:
                    for block in module.weight.chunk(getattr(module, "num_blocks", 1)):
                        nn.init.xavier_uniform_(block)
                else:
                    nn.init.normal_(module.weight, std=std)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def placed(
        self, vectors: Float[Tensor, "batch length d_model"], places: Int[Tensor, "rows length"]
    ) -> Float[Tensor, "batch length d_model"]:
        """Vectors and their positions, in the type that the layers compute in."""
        x = self.positions.add(vectors, places)
        return F.dropout(cast_to_compute(x), self.config.dropout, self.training)

    def embed(self, tokens: Int[Tensor, "batch length"], places: Int[Tensor, "rows length"]) -> Tensor:
        """Embeddings of targets times √d_model, and their positions."""
        return self.placed(read(self.target_embedding, tokens)[0], places)

    def encode(
        self, inputs: Tensor | None, offset: int = 0, rows: int = 1
    ) -> tuple[Float[Tensor, "batch source_len d_model"], Mask, Int[Tensor, "rows source_len"]]:
        """The memory that the decoder reads, what of it is real, and its positions, which begin at `offset`."""
        vectors, ids = read(self.input_embedding, inputs, rows)
        mask, places = padding_mask(ids), self.positions.of_inputs(ids, offset)
        x = self.placed(vectors, places)
        relation = self.positions.relate(places, places, is_encoder=True)
        for block in self.encoder:
            x = block(x, mask, relation)
        return self.encoder_norm(x), mask, places

    def forward(self, batch: Batch) -> Output:
        """Teacher-forced: the decoder reads the targets shifted right by one."""
        offset = self.positions.offset()
        encoded = self.encode(batch.inputs, offset, len(batch.targets))
        hidden, copies = self.decode(batch.targets, encoded, offset, batch.inputs), None
        if self.copying is not None and batch.inputs is not None:
            copies = self.copying(hidden, self.copying.keys(encoded[0]), batch.inputs)
        return Output(hidden, self.head, copies=copies)

    def decode(
        self,
        targets: Int[Tensor, "batch target_len"],
        encoded: tuple[Tensor, Mask, Tensor],
        offset: int,
        inputs: Tensor | None = None,
    ) -> Float[Tensor, "batch target_len d_model"]:
        """What the decoder makes of a memory; position `t` sees the targets before `t`."""
        memory, mask, input_places = encoded
        places = self.positions.of_targets(targets.shape[1], targets.device, offset)
        written = F.pad(targets[:, :-1], (1, 0), value=START)
        x = self.embed(written, places)
        if self.following is not None and inputs is not None:
            x = x + at(self.following(memory), places_of(inputs, written))
        relation = self.positions.relate(places, places, input_places)
        for block in self.decoder_blocks:
            x = block(x, memory, mask, relation)
        return self.decoder_norm(x)

    @torch.no_grad()
    def start(self, inputs: Tensor | None, max_length: int) -> TransformerState:
        """Encode once, and keep every layer's keys and values of the memory."""
        memory, mask, places = self.encode(inputs)
        memories = [block.cross_attention.read(memory) for block in self.decoder_blocks]
        if self.copying is None or inputs is None:
            return TransformerState(BeamCache(memories, mask, max_length, places))
        # What is read of the inputs beside the layers is kept, and ordered, like a layer's memory.
        ids, keys = inputs[:, None, :, None], self.copying.keys(memory)[:, None]
        ahead = keys if self.following is None else self.following(memory)[:, None]
        cache = BeamCache([*memories, (keys, ahead), (ids, ids)], mask, max_length, places, len(self.decoder))
        return TransformerState(cache, torch.zeros_like(inputs[:, 0]) if self.following is not None else None)

    @torch.no_grad()
    def step(self, tokens: Int[Tensor, " rows"], state: DecodeState) -> Float[Tensor, "rows vocab"]:
        """One position further in every row."""
        assert isinstance(state, TransformerState)
        cache = state.cache
        places = self.positions.of_targets(cache.length + 1, tokens.device)
        newest = places[:, -1:]
        x = self.embed(tokens[:, None], newest).view(-1, cache.beam, self.config.d_model)
        if state.places is not None:
            ids = cache.memories[-1][0][:, 0, :, 0]
            state.places = advance(state.places, ids.repeat_interleave(cache.beam, 0), tokens)
            x = x + at(cache.memories[-2][1][:, 0], state.places.view(-1, cache.beam))
        relation = self.positions.relate(newest, places, cache.memory_places)
        for layer, block in enumerate(self.decoder_blocks):
            x = block.step(x, cache, layer, relation)
        cache.length += 1
        hidden = self.decoder_norm(x)
        logits = self.head(hidden)
        if self.copying is not None:
            (keys, _), (ids, _) = cache.memories[-2:]
            logits = self.copying(hidden, keys[:, 0], ids[:, 0, :, 0]).mixed(logits)
        return logits.flatten(0, 1)
