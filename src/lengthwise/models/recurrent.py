"""Recurrent encoder-decoder with attention (Bahdanau et al. 2015, 1409.0473; Luong et al. 2015, arXiv 1508.04025).

Luong's general attention over a bidirectional encoder; the decoder starts from the encoder's ends as Bahdanau's does.
Differences: no input feeding unless asked for, layers above the first are residual, embeddings and output are tied.
Without inputs it is the decoder alone: a recurrent language model.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import cast

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
from lengthwise.layers.attention import StackedLinear, attend
from lengthwise.layers.beam_memory import BeamMemory
from lengthwise.layers.masks import Mask, padding_mask
from lengthwise.layers.modalities import BOTTOMS, bottom_of, read
from lengthwise.layers.precision import cast_to_compute
from lengthwise.layers.recurrent import NUM_STATES, BidirectionalRecurrence, Cell, Recurrence, States, reversal_of
from lengthwise.models import defaults


@dataclass(frozen=True, kw_only=True)
class RecurrentConfig(ModelConfig):
    """Sizes, and which cell."""

    cell: Cell = "lstm"
    d_model: int = 256
    """Of embeddings, of the decoder's state and of both directions of the encoder together."""
    num_encoder_layers: int = 1
    num_decoder_layers: int = 1
    dropout: float = 0.0
    use_input_feeding: bool = False
    """Whether the decoder also reads the last output: training then goes token by token, and is slower."""

    def __post_init__(self) -> None:
        if self.d_model % 2:
            raise ValueError(f"`model.d_model` must be even, half for each direction, but is {self.d_model}.")
        for name in ("num_encoder_layers", "num_decoder_layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"`model.{name}` must be at least 1, but is {getattr(self, name)}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`model.dropout` must be at least 0 and below 1, but is {self.dropout}.")

    def build(self, features: Features) -> "Recurrent":
        """A freshly initialised model."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return Recurrent(self, features)

    def refuses(self, features: Features) -> str | None:
        """It reads tokens, images or sounds, if anything, and writes tokens."""
        return refuses_other_than_tokens(features, "recurrent", needs_inputs=False, reads=BOTTOMS)

    def training_defaults(self) -> dict[str, object]:
        """AdamW and a linear decay."""
        return defaults.adamw(self.d_model, 2e-3 if self.d_model <= 256 else 1e-3)


def tiny() -> RecurrentConfig:
    """One layer a side, width 256: for ten CPU minutes."""
    return RecurrentConfig()


def tiny_gru() -> RecurrentConfig:
    """The same of gated recurrent units."""
    return replace(tiny(), cell="gru")


def base() -> RecurrentConfig:
    """Two layers a side, width 512."""
    return RecurrentConfig(d_model=512, num_encoder_layers=2, num_decoder_layers=2, dropout=0.2)


class RecurrentState(DecodeState):
    """The states of the decoder's layers, what it attends to, and its last output."""

    def __init__(self, memory: BeamMemory | None, states: list[States], last: Float[Tensor, "rows d_model"]) -> None:
        self.memory = memory
        self.states = states
        self.last = last

    def reorder(self, order: Int[Tensor, " rows"]) -> None:
        """Let row `i` continue row `order[i]`."""
        if self.memory is not None:
            self.memory.reorder(order)
        self.states = [tuple(state.index_select(0, order) for state in states) for states in self.states]
        self.last = self.last.index_select(0, order)


class Recurrent(Autoregressive):
    """Encoder and decoder; one embedding for both sides and the output where the problem shares its vocabulary."""

    def __init__(self, config: RecurrentConfig, features: Features) -> None:
        super().__init__()
        self.config, self.growth = config, features.growth
        self.reads_inputs, width = features.inputs is not None, config.d_model
        self.target_embedding = nn.Embedding(features.targets.size, width)
        self.input_embedding = self.target_embedding
        if features.inputs is not None:
            if not features.is_shared:
                self.input_embedding = bottom_of(features.inputs, width)
            self.encoder = nn.ModuleList(
                BidirectionalRecurrence(config.cell, width, width // 2) for _ in range(config.num_encoder_layers)
            )
            self.bridge = StackedLinear(width, config.num_decoder_layers * NUM_STATES[config.cell], use_bias=True)
            self.queries = nn.Linear(width, width, bias=False)
            self.combine = nn.Linear(2 * width, width, bias=False)
        self.decoder = nn.ModuleList(
            Recurrence(config.cell, width * (2 if layer == 0 and config.use_input_feeding else 1), width)
            for layer in range(config.num_decoder_layers)
        )
        self.head = nn.Linear(width, features.targets.size, bias=False)
        self.head.weight = self.target_embedding.weight
        self.reset_parameters()

    @property
    def decoder_layers(self) -> Iterable[Recurrence]:
        """The decoder's layers with the type that a `ModuleList` forgets."""
        return cast(Iterable[Recurrence], self.decoder)

    def reset_parameters(self) -> None:
        """Embeddings N(0, 1/d); matrices Glorot-uniform, biases 0."""
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=self.config.d_model**-0.5)
        if not self.reads_inputs:
            return
        for matrix in (*self.bridge.weight.chunk(self.bridge.num_blocks), self.queries.weight, self.combine.weight):
            nn.init.xavier_uniform_(matrix)
        nn.init.zeros_(self.bridge.bias)

    def embed(self, tokens: Int[Tensor, "*batch"]) -> Float[Tensor, "*batch d_model"]:
        """Embeddings of targets times √d_model, in the type that the layers compute in."""
        return self.drop(cast_to_compute(read(self.target_embedding, tokens)[0]))

    def drop(self, x: Tensor) -> Tensor:
        """Dropout in training."""
        return F.dropout(x, self.config.dropout, self.training)

    def encode(self, inputs: Tensor) -> tuple[Float[Tensor, "batch source_len d_model"], Mask, list[States]]:
        """The memory that the decoder reads, what of it is real, and the states that its layers start from."""
        vectors, ids = read(self.input_embedding, inputs)
        x, mask = self.drop(cast_to_compute(vectors)), padding_mask(ids)
        reversal = None if mask.keys is None else reversal_of(mask.keys)
        for depth, layer in enumerate(self.encoder):
            change = self.drop(layer(x, reversal))
            x = change if depth == 0 else x + change
        # Each direction where it has read everything: the last real position and the first one.
        last = x[:, -1:] if reversal is None else x.gather(1, reversal[:, :1, None].expand(-1, 1, x.shape[2]))
        half = self.config.d_model // 2
        ends = torch.cat([last[:, 0, :half], x[:, 0, half:]], dim=-1)
        starts = self.bridge(ends).tanh().split(self.config.d_model, dim=-1)
        count = NUM_STATES[self.config.cell]
        return x, mask, [starts[first : first + count] for first in range(0, len(starts), count)]

    def forward(self, batch: Batch) -> Output:
        """Teacher-forced: the decoder reads the targets shifted right by one."""
        tokens = F.pad(batch.targets[:, :-1], (1, 0), value=START)
        if self.config.use_input_feeding:
            state = self.begin(batch.inputs, len(tokens))
            hidden = [self.advance(column, state) for column in tokens.unbind(1)]
            return Output(torch.stack(hidden, dim=1), self.head)
        x = self.embed(tokens)
        if batch.inputs is None:
            return Output(self.decode(x, self.empty_states(len(tokens))), self.head)
        memory, mask, starts = self.encode(batch.inputs)
        x = self.decode(x, starts)
        context = attend(self.queries(x)[:, None], memory[:, None], memory[:, None], mask)[:, 0]
        return Output(self.attentional(context, x), self.head)

    def decode(
        self, x: Float[Tensor, "batch target_len d_model"], starts: list[States]
    ) -> Float[Tensor, "batch target_len d_model"]:
        """All layers of the decoder over whole sequences."""
        for depth, (layer, start) in enumerate(zip(self.decoder_layers, starts, strict=True)):
            change = self.drop(layer(x, start))
            x = change if depth == 0 else x + change
        return x

    def empty_states(self, rows: int) -> list[States]:
        """What the decoder's layers start from where there are no inputs: zeros."""
        zero = cast_to_compute(self.target_embedding.weight.new_zeros(rows, self.config.d_model))
        return [(zero,) * NUM_STATES[self.config.cell] for _ in self.decoder_layers]

    def attentional(
        self, context: Float[Tensor, "*batch d_model"], x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch d_model"]:
        """tanh(W [context; x]), Luong's attentional hidden state."""
        return self.drop(self.combine(torch.cat([context, x], dim=-1)).tanh())

    def begin(self, inputs: Tensor | None, rows: int = 1) -> RecurrentState:
        """Encode once; without inputs, `rows` rows that begin."""
        if inputs is None:
            states = self.empty_states(rows)
            return RecurrentState(None, states, states[0][0])
        memory, mask, starts = self.encode(inputs)
        heads = memory[:, None]
        return RecurrentState(BeamMemory([(heads, heads)], mask), starts, torch.zeros_like(memory[:, 0]))

    def advance(self, tokens: Int[Tensor, " rows"], state: RecurrentState) -> Float[Tensor, "rows d_model"]:
        """The decoder at the next position of every row."""
        x = self.embed(tokens)
        if self.config.use_input_feeding:
            x = torch.cat([x, state.last], dim=-1)
        for depth, layer in enumerate(self.decoder_layers):
            change, state.states[depth] = layer.step(x, state.states[depth])
            change = self.drop(change)
            x = change if depth == 0 else x + change
        if state.memory is not None:
            context = state.memory.attend(0, self.queries(x)[:, None])[:, 0]
            x = self.attentional(context, x)
        state.last = x
        return state.last

    @torch.no_grad()
    def start(self, inputs: Tensor | None, max_length: int) -> RecurrentState:
        """Encode once; the states need no room for `max_length` tokens."""
        return self.begin(inputs)

    @torch.no_grad()
    def step(self, tokens: Int[Tensor, " rows"], state: DecodeState) -> Float[Tensor, "rows vocab"]:
        """One position further in every row."""
        assert isinstance(state, RecurrentState)
        return self.head(self.advance(tokens, state))
