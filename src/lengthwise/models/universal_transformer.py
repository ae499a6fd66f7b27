"""The Universal Transformer (Dehghani et al. 2019, arXiv 1807.03819): one block per side, applied step after step.

Differences: pre-norm without biases as `transformer`'s default; under adaptive computation a position that has halted
keeps its state (as the paper's text says, not its code), and one that has not at the last step halts there.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lengthwise.contracts import (
    PAD,
    START,
    Autoregressive,
    AuxLoss,
    Batch,
    DecodeState,
    Features,
    ModelConfig,
    Output,
    refuses_other_than_tokens,
)
from lengthwise.layers.adaptive_computation import Averaging, Halting, Pondering
from lengthwise.layers.attention import merge_heads
from lengthwise.layers.beam_cache import BeamCache, Memory
from lengthwise.layers.masks import Mask, padding_mask
from lengthwise.layers.modalities import BOTTOMS, bottom_of, read
from lengthwise.layers.positions import Positions, Scheme, refuses_positions
from lengthwise.layers.precision import cast_to_compute
from lengthwise.layers.recurrence_in_depth import Block, RecurrenceInDepth
from lengthwise.models import defaults
from lengthwise.models.transformer import DecoderBlock, EncoderBlock, TransformerConfig, TransformerState


@dataclass(frozen=True, kw_only=True)
class UniversalTransformerConfig(ModelConfig):
    """Sizes, how many steps, and who decides on them."""

    d_model: int = 128
    d_ff: int = 512
    num_heads: int = 4
    num_steps: int = 6
    """Of each side; under adaptive computation at most twice as many."""
    has_encoder: bool = True
    """Without, the decoder reads the inputs as the beginning of what it writes."""
    halting: Literal["none", "interpolation", "sum"] = "none"
    """Adaptive computation time, and how the states of a position's steps are averaged."""
    ponder_weight: float = 0.01
    """Of the mean of steps plus remainder in the loss."""
    dropout: float = 0.0
    positions: Scheme = "sinusoid"
    max_offset: int = 0
    """In training, positions begin at a random one up to this: those of longer sequences are seen too."""
    max_distance: int = 128
    """From which on distances are one to `relative` positions."""

    def __post_init__(self) -> None:
        if self.num_steps < 1:
            raise ValueError(f"`model.num_steps` must be at least 1, but is {self.num_steps}.")
        self.block()

    def block(self) -> TransformerConfig:
        """What the shared block is made of."""
        return TransformerConfig(
            d_model=self.d_model,
            d_ff=self.d_ff,
            num_heads=self.num_heads,
            num_encoder_layers=self.max_steps,
            num_decoder_layers=self.max_steps,
            dropout=self.dropout,
            positions=self.positions,
        )

    @property
    def max_steps(self) -> int:
        """Steps that are never exceeded."""
        return self.num_steps if self.halting == "none" else 2 * self.num_steps

    @property
    def averaging(self) -> Averaging | None:
        """How a position's steps are averaged; None where all positions take the same."""
        return None if self.halting == "none" else self.halting

    def build(self, features: Features) -> "UniversalTransformer | UniversalDecoder":
        """A freshly initialised Universal Transformer."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return UniversalTransformer(self, features) if self.has_encoder else UniversalDecoder(self, features)

    def positions_of(self, features: Features) -> Positions:
        """The scheme for this problem."""
        return Positions(
            self.positions,
            self.d_model,
            self.num_heads,
            features,
            max_offset=self.max_offset,
            max_distance=self.max_distance,
        )

    def refuses(self, features: Features) -> str | None:
        """It reads tokens, images or sounds, if anything, and writes tokens."""
        reason = refuses_other_than_tokens(features, "universal_transformer", needs_inputs=False, reads=BOTTOMS)
        return reason or refuses_positions(self.positions, features, has_encoder=self.has_encoder)

    def training_defaults(self) -> dict[str, object]:
        """AdamW: the gradients of all steps sum up in one block, which Muon's fixed step length does not like."""
        return {**defaults.adamw(self.d_model, 1e-3), "train.schedule.warmup_steps": 200}


def tiny() -> UniversalTransformerConfig:
    """Width 128, six steps."""
    return UniversalTransformerConfig()


def adaptive() -> UniversalTransformerConfig:
    """`tiny` with adaptive computation, at most twelve steps."""
    return replace(tiny(), halting="interpolation")


def decoder() -> UniversalTransformerConfig:
    """`tiny` without an encoder."""
    return replace(tiny(), has_encoder=False)


def base() -> UniversalTransformerConfig:
    """The sizes of the base Transformer in one block, six steps."""
    return replace(tiny(), d_model=512, d_ff=2048, num_heads=8, dropout=0.1)


def paper() -> UniversalTransformerConfig:
    """The published base sizes: width 1024, sixteen heads, six steps, adaptive computation."""
    return replace(base(), d_model=1024, d_ff=4096, num_heads=16, dropout=0.3, halting="interpolation")


class _Universal(Autoregressive):
    """What both share: the embeddings (one where the problem shares its vocabulary), the positions and the output."""

    def __init__(self, config: UniversalTransformerConfig, features: Features) -> None:
        super().__init__()
        self.config, self.growth = config, features.growth
        self.target_embedding = nn.Embedding(features.targets.size, config.d_model)
        self.input_embedding = self.target_embedding
        if features.inputs is not None and not features.is_shared:
            self.input_embedding = bottom_of(features.inputs, config.d_model)
        self.positions = config.positions_of(features)
        self.head = nn.Linear(config.d_model, features.targets.size, bias=False)
        self.head.weight = self.target_embedding.weight

    def reset_parameters(self) -> None:
        """Embeddings N(0, 1/d); matrices Glorot-uniform, residual branches' outputs smaller by √(branches)."""
        num_branches = 3 * self.config.max_steps
        for name, module in self.named_modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=self.config.d_model**-0.5)
            elif isinstance(module, nn.Linear) and name != "head":
                gain = num_branches**-0.5 if name.endswith((".output", ".outer")) else 1.0
                for block in module.weight.chunk(getattr(module, "num_blocks", 1)):
                    nn.init.xavier_uniform_(block, gain=gain)
        for module in self.modules():
            if isinstance(module, Halting | Positions):
                module.reset_parameters()

    def embed(
        self, bottom: nn.Module, inputs: Tensor | None, rows: int = 1
    ) -> tuple[Float[Tensor, "batch length d_model"], Int[Tensor, "batch length"]]:
        """Vectors, and ids that are `PAD` where nothing is; positions come with every step."""
        vectors, ids = read(bottom, inputs, rows)
        return F.dropout(cast_to_compute(vectors), self.config.dropout, self.training), ids


class Encoded(NamedTuple):
    """What an encoder found."""

    memory: Float[Tensor, "batch source_len d_model"]
    mask: Mask
    places: Int[Tensor, "rows source_len"]
    is_read: Bool[Tensor, "batch source_len"]
    pondered: Pondering | None


class UniversalTransformer(_Universal):
    """Encoder and decoder of one block each."""

    def __init__(self, config: UniversalTransformerConfig, features: Features) -> None:
        super().__init__(config, features)
        self.encoder_block = EncoderBlock(config.block())
        self.decoder_block = DecoderBlock(config.block())
        self.encoder = RecurrenceInDepth(config.d_model, config.max_steps, config.averaging)
        self.decoder = RecurrenceInDepth(config.d_model, config.max_steps, config.averaging)
        self.reset_parameters()

    def encode(self, inputs: Tensor | None, offset: int = 0, rows: int = 1) -> "Encoded":
        """The memory that the decoder reads; positions begin at `offset`."""
        x, ids = self.embed(self.input_embedding, inputs, rows)
        mask, places = padding_mask(ids), self.positions.of_inputs(ids, offset)
        relation = self.positions.relate(places, places, is_encoder=True)

        def apply(x: Tensor, step: int) -> Tensor:
            return self.encoder_block(x, mask, relation)

        block = Block(apply, partial(self.positions.add, places=places))
        memory, pondered = self.encoder(x, block, ids != PAD)
        return Encoded(memory, mask, places, ids != PAD, pondered)

    def forward(self, batch: Batch) -> Output:
        """Teacher-forced: the decoder reads the targets shifted right by one."""
        offset = self.positions.offset()
        memory, mask, input_places, is_read, pondered = self.encode(batch.inputs, offset, len(batch.targets))
        keys_values = self.decoder_block.cross_attention.read(memory)
        places = self.positions.of_targets(batch.targets.shape[1], batch.targets.device, offset)
        relation = self.positions.relate(places, places, input_places)

        def apply(x: Tensor, step: int) -> Tensor:
            return self.decoder_block.reading(x, keys_values, mask, relation)

        x, _ = self.embed(self.target_embedding, F.pad(batch.targets[:, :-1], (1, 0), value=START))
        hidden, written = self.decoder(x, Block(apply, partial(self.positions.add, places=places)), None)
        if pondered is None or written is None:
            return Output(hidden, self.head)
        weight = self.config.ponder_weight
        read, wrote = (pondered.cost * is_read).sum(), (written.cost * (batch.targets != PAD)).sum()
        ponder = {"ponder": AuxLoss(weight * read, "inputs"), "ponder_targets": AuxLoss(weight * wrote, "targets")}
        return Output(hidden, self.head, ponder)

    @torch.no_grad()
    def ponder_steps(self, inputs: Tensor) -> Tensor | None:
        """Steps of each input in the encoder."""
        pondered = self.encode(inputs).pondered
        return None if pondered is None else pondered.num_steps

    @torch.no_grad()
    def start(self, inputs: Tensor | None, max_length: int) -> TransformerState:
        """Encode once, and keep the keys and values that all steps ask."""
        memory, mask, places, _, _ = self.encode(inputs)
        memories = [self.decoder_block.cross_attention.read(memory)]
        return TransformerState(BeamCache(memories, mask, max_length, places, self.config.max_steps))

    @torch.no_grad()
    def step(self, tokens: Int[Tensor, " rows"], state: DecodeState) -> Float[Tensor, "rows vocab"]:
        """One position further in every row: as many steps as it ponders, and the keys of the rest."""
        assert isinstance(state, TransformerState)
        cache = state.cache
        places = self.positions.of_targets(cache.length + 1, tokens.device)
        newest = places[:, -1:]
        relation = self.positions.relate(newest, places, cache.memory_places)

        def apply(x: Tensor, step: int) -> Tensor:
            return self.decoder_block.step(x, cache, step, relation)

        block = Block(apply, partial(self.positions.add, places=newest))
        x = self.embed(self.target_embedding, tokens[:, None])[0].view(-1, cache.beam, self.config.d_model)
        pondering = None if self.decoder.halting is None else Pondering.of(x)
        for step in range(self.config.max_steps):
            if pondering is None or bool(pondering.is_running.any()):
                x, pondering = self.decoder.advance(x, pondering, block, step)
            else:
                # Later positions may ponder longer: they will look for this one at every step.
                self.decoder_block.write(self.decoder.enter(x, block, step), cache, step, relation)
        cache.length += 1
        hidden = self.decoder.norm(x if pondering is None else pondering.output)
        return self.head(hidden).flatten(0, 1)


class UniversalDecoder(_Universal):
    """One block that reads the inputs, a separator and the targets as one sequence, causally."""

    def __init__(self, config: UniversalTransformerConfig, features: Features) -> None:
        super().__init__(config, features)
        self.block = EncoderBlock(config.block())
        self.recurrence = RecurrenceInDepth(config.d_model, config.max_steps, config.averaging)
        self.reset_parameters()

    def forward(self, batch: Batch) -> Output:
        """Teacher-forced: behind the inputs stand the targets shifted right by one."""
        targets = F.pad(batch.targets[:, :-1], (1, 0), value=START)
        x, ids = self.embed(self.input_embedding, batch.inputs, len(targets))
        start, length = ids.shape[1], targets.shape[1]
        x = torch.cat([x, self.embed(self.target_embedding, targets)[0]], 1)
        is_read = F.pad(ids != PAD, (0, length), value=True)
        places = self.positions.of_both(ids, length, self.positions.offset())
        relation, mask = self.positions.relate(places, places), Mask(is_causal=True, keys=is_read)

        def apply(x: Tensor, step: int) -> Tensor:
            return self.block(x, mask, relation)

        hidden, pondered = self.recurrence(x, Block(apply, partial(self.positions.add, places=places)), is_read)
        output = Output(hidden[:, start:], self.head)
        if pondered is not None:
            is_real = torch.cat((ids != PAD, batch.targets != PAD), 1)
            cost = self.config.ponder_weight * (pondered.cost * is_real).sum()
            output.aux_losses["ponder"] = AuxLoss(cost, "positions")
        return output

    @torch.no_grad()
    def ponder_steps(self, inputs: Tensor) -> Tensor | None:
        """Steps of each input."""
        pondering = self.read(inputs)[0]
        return None if pondering is None else pondering.num_steps

    @torch.no_grad()
    def start(self, inputs: Tensor | None, max_length: int) -> TransformerState:
        """Read the inputs, and keep their keys and values of every step."""
        _, memories, is_read, places = self.read(inputs)
        return TransformerState(BeamCache(memories, Mask(keys=is_read), max_length, places))

    def read(self, inputs: Tensor | None) -> tuple[Pondering | None, list[Memory], Tensor, Tensor]:
        """How the inputs ponder, their keys and values of every step, which of them are real, and their places."""
        x, ids = self.embed(self.input_embedding, inputs)
        is_read, places = ids != PAD, self.positions.of_inputs(ids)
        relation, mask = self.positions.relate(places, places), Mask(is_causal=True, keys=is_read)
        memories = list[Memory]()

        def apply(x: Tensor, step: int) -> Tensor:
            memories.append(self.block.attention.project(self.block.around_attention.enter(x), relation)[1:])
            return self.block(x, mask, relation)

        block = Block(apply, partial(self.positions.add, places=places))
        pondering = None if self.recurrence.halting is None else Pondering.of(x, is_read)
        for step in range(self.config.max_steps):
            # To the end: what is written may ponder longer than what was read.
            x, pondering = self.recurrence.advance(x, pondering, block, step)
        return pondering, memories, is_read, places

    @torch.no_grad()
    def step(self, tokens: Int[Tensor, " rows"], state: DecodeState) -> Float[Tensor, "rows vocab"]:
        """One position further in every row."""
        assert isinstance(state, TransformerState)
        cache = state.cache
        assert cache.memory_mask.keys is not None and cache.memory_places is not None
        places = self.positions.of_targets_after(cache.memory_mask.keys.sum(1), cache.length + 1)
        newest = places[:, -1:]
        own, before = (self.positions.relate(newest, each) for each in (places, cache.memory_places))

        def apply(x: Tensor, step: int) -> Tensor:
            heads = self.block.attention.project(self.block.around_attention.enter(x), own)
            change = merge_heads(cache.attend_with_memory(step, *heads, (before.bias, own.bias)))
            x = self.block.around_attention.leave(x, self.block.attention.output(change))
            change = self.block.feed_forward(self.block.around_feed_forward.enter(x))
            return self.block.around_feed_forward.leave(x, change)

        x = self.embed(self.target_embedding, tokens[:, None])[0].view(-1, cache.beam, self.config.d_model)
        block = Block(apply, partial(self.positions.add, places=newest))
        pondering = None if self.recurrence.halting is None else Pondering.of(x)
        for step in range(self.config.max_steps):
            x, pondering = self.recurrence.advance(x, pondering, block, step)
        cache.length += 1
        hidden = self.recurrence.norm(x if pondering is None else pondering.output)
        return self.head(hidden).flatten(0, 1)
