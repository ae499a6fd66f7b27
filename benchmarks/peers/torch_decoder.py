"""torch.nn.Transformer has no search of its own: ours, over a decoder that reads all it wrote again at each step."""

from dataclasses import dataclass

import torch
from torch import Tensor

from benchmarks.peers.decoder import Decoder, Search, Sentences
from benchmarks.peers.torch_transformer import TorchTransformer
from lengthwise import runtime
from lengthwise.contracts import Autoregressive, Batch, DecodeState, Output
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.sequences import decode_sequences


@dataclass
class Written(DecodeState):
    """The encoded inputs and every token written so far."""

    inputs: Tensor
    memory: Tensor
    tokens: Tensor

    def reorder(self, order: Tensor) -> None:
        """Gather everything; no cache to be clever with."""
        self.inputs, self.memory, self.tokens = (side[order] for side in (self.inputs, self.memory, self.tokens))


class Uncached(Autoregressive):
    """The peer's model behind the contract of our search."""

    def __init__(self, model: TorchTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: Batch) -> Output:
        raise NotImplementedError("This adapter only decodes.")

    def start(self, inputs: Tensor | None, max_length: int) -> DecodeState:
        assert inputs is not None
        return Written(inputs, self.model.encode(inputs), inputs.new_zeros(len(inputs), 0))

    def step(self, tokens: Tensor, state: DecodeState) -> Tensor:
        assert isinstance(state, Written)
        state.tokens = torch.cat([state.tokens, tokens[:, None]], dim=1)
        hidden = self.model.read(state.tokens, state.memory, state.inputs)
        return self.model.project(hidden[:, -1])


class TorchDecoder(Decoder):
    """In fp32; its speed is not compared."""

    settings = ("default",)

    def __init__(self, model: TorchTransformer) -> None:
        # Its fast path for padded batches is a prototype that warns.
        model.transformer.encoder.use_nested_tensor = False
        self.model = Uncached(model)

    def decode(self, sources: Sentences, search: Search, setting: str) -> list[list[int]]:
        config = DecodeConfig(beam=search.beam, length_penalty=search.length_penalty)
        found = decode_sequences(self.model, sources, config, runtime.resolve("cpu", "fp32"))
        return [hypothesis.tokens for hypothesis in found]
