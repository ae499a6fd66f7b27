"""A model that can write only what a constraint allows: any search over it does."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lengthwise.contracts import START, Autoregressive, Batch, Constraint, DecodeState, Output


class ConstrainedState(DecodeState):
    """The model's state, and beside it where each row stands in its constraint."""

    def __init__(self, inner: DecodeState, rows: Tensor, room: Tensor) -> None:
        self.inner, self.rows, self.room = inner, rows, room

    def reorder(self, order: Int[Tensor, " rows"]) -> None:
        """Let row `i` continue row `order[i]`."""
        self.inner.reorder(order)
        self.rows, self.room = self.rows[order], self.room[order]


class Constrained(Autoregressive):
    """Gives what is not allowed the probability 0, and what is the rest's share of it."""

    def __init__(self, model: Autoregressive, constraint: Constraint, limits: Int[Tensor, " batch"]) -> None:
        super().__init__()
        self.model, self.constraint, self.limits = model, constraint, limits
        self.growth = model.growth

    def forward(self, batch: Batch) -> Output:
        """The model's own."""
        return self.model(batch)

    def start(self, inputs: Tensor | None, max_length: int) -> ConstrainedState:
        """`max_length` as the model's; a row ends within its own limit."""
        rows = self.constraint.start(len(self.limits), self.limits.device)
        return ConstrainedState(self.model.start(inputs, max_length), rows, self.limits)

    def step(self, tokens: Int[Tensor, " rows"], state: DecodeState) -> Float[Tensor, "rows vocab"]:
        """Logits with `-inf` on what may not follow."""
        assert isinstance(state, ConstrainedState)
        logits = self.model.step(tokens, state.inner)
        # All rows are at the same step.
        if not torch.all(tokens == START):
            state.rows, state.room = self.constraint.advance(state.rows, tokens), state.room - 1
        allowed = self.constraint.allowed(state.rows, state.room, logits.shape[-1])
        return logits.masked_fill(~allowed, -torch.inf)
