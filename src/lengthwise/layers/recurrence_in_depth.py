"""A block applied step after step to the same positions (Dehghani et al. 2019, arXiv 1807.03819, sections 2.1 and 2.2).

Differences: a position that has halted keeps its state, as the paper's text says, and not its code.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from lengthwise.layers.adaptive_computation import Averaging, Halting, Pondering
from lengthwise.layers.norms import LayerNorm
from lengthwise.layers.precision import cast_to_compute


@dataclass(frozen=True)
class Block:
    """A block as its recurrence sees it."""

    apply: Callable[[Tensor, int], Tensor]
    """(what a step reads, number of the step) -> what it makes of that."""
    add_positions: Callable[[Tensor], Tensor]


class RecurrenceInDepth(nn.Module):
    """What surrounds a side's block: step embeddings, the decision to halt, and the last norm."""

    def __init__(self, d_model: int, max_steps: int, averaging: Averaging | None) -> None:
        """`averaging`: of adaptive computation; None for a fixed depth."""
        super().__init__()
        self.max_steps = max_steps
        self.step_embedding = nn.Embedding(max_steps, d_model)
        self.halting = None if averaging is None else Halting(d_model, averaging)
        self.norm = LayerNorm(d_model, use_bias=False)

    def forward(
        self, state: Float[Tensor, "batch length d_model"], block: Block, is_real: Bool[Tensor, "batch length"] | None
    ) -> tuple[Float[Tensor, "batch length d_model"], Pondering | None]:
        """All steps of all positions that are real."""
        pondering = None if self.halting is None else Pondering.of(state, is_real)
        for step in range(self.max_steps):
            state, pondering = self.advance(state, pondering, block, step)
            if pondering is not None and pondering.is_over:
                break
        return self.norm(state if pondering is None else pondering.output), pondering

    def enter(self, state: Tensor, block: Block, step: int) -> Tensor:
        """What a step reads: the state with the embeddings of positions and step, as large as those of tokens."""
        of_step = self.step_embedding.weight[step] * self.step_embedding.embedding_dim**0.5
        return cast_to_compute(block.add_positions(state + of_step.to(state.dtype)))

    def advance(
        self, state: Tensor, pondering: Pondering | None, block: Block, step: int
    ) -> tuple[Tensor, Pondering | None]:
        """One step."""
        before = self.enter(state, block, step)
        after = block.apply(before, step)
        if pondering is None or self.halting is None:
            return after, None
        state = torch.where(pondering.is_running[..., None], after, state)
        return state, self.halting(pondering, before, after, is_last=step == self.max_steps - 1)
