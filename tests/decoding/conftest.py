"""Two models small enough to enumerate: a table of logits, and a recurrent one whose state is a tensor."""

import math
from collections.abc import Callable, Iterator
from itertools import product

import pytest
import torch
from torch import Tensor

from lengthwise.contracts import EOS, Autoregressive, Batch, DecodeState, Output

NEVER = -1e4


class TableState(DecodeState):
    """How far each row is, whose row it was at first, and every order it was asked for."""

    def __init__(self, sources: Tensor) -> None:
        self.sources = sources
        self.step = 0
        self.orders: list[list[int]] = []

    def reorder(self, order: Tensor) -> None:
        self.orders.append(order.tolist())
        self.sources = self.sources[order]


class Table(Autoregressive):
    """Logits by (step, last token), the same for every source; remembers its states."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = logits
        self.states: list[TableState] = []

    def forward(self, batch: Batch) -> Output:
        raise AssertionError("Decoding must not run a model on targets.")

    def start(self, inputs: Tensor | None, max_length: int) -> TableState:
        assert inputs is not None
        self.states.append(TableState(inputs[:, 0]))
        return self.states[-1]

    def step(self, tokens: Tensor, state: DecodeState) -> Tensor:
        assert isinstance(state, TableState)
        state.step += 1
        return self.logits[min(state.step, len(self.logits)) - 1, tokens]


class RecurrentState(DecodeState):
    """One vector per row, in double precision, so that the size of a batch cannot change a bit of the logits."""

    def __init__(self, hidden: Tensor) -> None:
        self.hidden = hidden
        self.num_rows: list[int] = []

    def reorder(self, order: Tensor) -> None:
        self.hidden = self.hidden[order]


class Recurrent(Autoregressive):
    """A random deterministic recurrent model: the whole past decides on the next token."""

    def __init__(self, vocab: int = 6, width: int = 8, seed: int = 0, eos_bias: float = 0.0) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(seed)
        self.embedding = torch.randn(vocab, width, generator=random).double()
        self.mixing = torch.randn(width, width, generator=random).double() / math.sqrt(width)
        self.head = torch.randn(width, vocab, generator=random).double() * 2
        self.eos_bias = eos_bias
        self.states: list[RecurrentState] = []

    def forward(self, batch: Batch) -> Output:
        raise AssertionError("Decoding must not run a model on targets.")

    def start(self, inputs: Tensor | None, max_length: int) -> RecurrentState:
        inputs = torch.zeros(1, 1, dtype=torch.long) if inputs is None else inputs
        self.states.append(RecurrentState(self.embedding[inputs].mul((inputs != 0)[:, :, None]).sum(1)))
        return self.states[-1]

    def step(self, tokens: Tensor, state: DecodeState) -> Tensor:
        assert isinstance(state, RecurrentState)
        state.num_rows.append(len(tokens))
        mixed = (state.hidden[:, :, None] * self.mixing).sum(1)
        state.hidden = torch.tanh(mixed + self.embedding[tokens])
        logits = (state.hidden[:, :, None] * self.head).sum(1).float()
        logits[:, EOS] += self.eos_bias
        return logits


def enumerate_outputs(model: Autoregressive, source: list[int], limit: int, vocab: int) -> dict[tuple[int, ...], float]:
    """The log-probability of every output that ends within `limit` tokens, one by one and uncached."""
    found = {}
    for length in range(limit):
        for words in product(range(3, vocab), repeat=length):
            state = model.start(torch.tensor([source]), limit)
            last, total = 2, 0.0
            for token in (*words, EOS):
                total += float(model.step(torch.tensor([last]), state).log_softmax(-1)[0, token])
                last = token
            found[words] = total
    return found


@pytest.fixture
def table() -> Callable[[Tensor], Table]:
    """Builds a model from logits of `[step, last token, next token]`."""
    return Table


@pytest.fixture
def recurrent() -> Callable[..., Recurrent]:
    """Builds a random recurrent model."""
    return Recurrent


@pytest.fixture
def outputs_of() -> Callable[..., dict[tuple[int, ...], float]]:
    """Enumerates every output of a model."""
    return enumerate_outputs


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny tensors: a second thread only costs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
