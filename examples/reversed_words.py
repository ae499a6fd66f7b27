"""A problem and a model from outside the package: words written backwards, learned by a recurrent network.

lengthwise train --problem examples.reversed_words:words --model examples.reversed_words:tiny \
    --run runs/reversed train.steps=200
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from lengthwise.contracts import START, Autoregressive, Batch, DecodeState, Example, Features, ModelConfig, Output
from lengthwise.data.codecs.text import Subwords
from lengthwise.data.problem import Problem, Source
from lengthwise.metrics.bleu import chrf


class RandomWords(Source):
    """Made-up words and their mirror images."""

    name = "random words"
    licence = "none needed"

    def __init__(self, count: int) -> None:
        self.count = count

    def fetch(self, report: object = None) -> None:
        """Nothing to fetch."""

    def checksums(self) -> dict[str, str]:
        """What `read` depends on; another value is another data set."""
        return {"count": str(self.count)}

    def read(self) -> Iterator[Example]:
        """Every word once."""
        generator = random.Random(0)
        words = {"".join(generator.choices("abcdefgh", k=generator.randint(3, 8))) for _ in range(self.count)}
        for word in sorted(words):
            yield {"inputs": word, "targets": word[::-1]}


def words(*, count: int = 20_000) -> Problem:
    """Words to the same words backwards."""
    letters = Subwords(270)
    return Problem(source=RandomWords(count), inputs=letters, targets=letters, metrics={"chrf": chrf}, max_length=16)


@dataclass(frozen=True, kw_only=True)
class RecurrentConfig(ModelConfig):
    """Two GRUs, the second one started with what the first one ended with."""

    d_model: int = 128

    def build(self, features: Features) -> "Recurrent":
        """A freshly initialised model."""
        return Recurrent(self, features)

    def training_defaults(self) -> dict[str, object]:
        """What `--model` without a recipe trains with."""
        return {"train.optimizer.name": "adamw", "train.optimizer.learning_rate": 3e-3, "batch.tokens": 2048}


def tiny() -> RecurrentConfig:
    """Small enough to learn in a minute."""
    return RecurrentConfig()


def base() -> RecurrentConfig:
    """Twice as wide."""
    return replace(tiny(), d_model=256)


@dataclass
class RecurrentState(DecodeState):
    """The hidden state of every row."""

    hidden: Tensor

    def reorder(self, order: Tensor) -> None:
        """Let row `i` continue row `order[i]`."""
        self.hidden = self.hidden[:, order]


class Recurrent(Autoregressive):
    """Reads a word, remembers it, writes it."""

    def __init__(self, config: RecurrentConfig, features: Features) -> None:
        super().__init__()
        self.embedding = nn.Embedding(features.targets.size, config.d_model)
        self.encoder = nn.GRU(config.d_model, config.d_model, batch_first=True)
        self.decoder = nn.GRU(config.d_model, config.d_model, batch_first=True)
        self.head = nn.Linear(config.d_model, features.targets.size, bias=False)

    def read(self, inputs: Tensor) -> Tensor:
        """The state at the last real letter of every row."""
        states, _ = self.encoder(self.embedding(inputs))
        last = (inputs != 0).sum(1) - 1
        return states[torch.arange(len(inputs)), last][None]

    def forward(self, batch: Batch) -> Output:
        """Teacher-forced: reads the targets shifted right by one."""
        assert batch.inputs is not None
        shifted = nn.functional.pad(batch.targets[:, :-1], (1, 0), value=START)
        hidden, _ = self.decoder(self.embedding(shifted), self.read(batch.inputs))
        return Output(hidden, self.head)

    def start(self, inputs: Tensor | None, max_length: int) -> RecurrentState:
        """Read the inputs once."""
        assert inputs is not None
        return RecurrentState(self.read(inputs))

    def step(self, tokens: Tensor, state: DecodeState) -> Tensor:
        """One letter further."""
        assert isinstance(state, RecurrentState)
        hidden, state.hidden = self.decoder(self.embedding(tokens)[:, None], state.hidden)
        return self.head(hidden[:, 0])
