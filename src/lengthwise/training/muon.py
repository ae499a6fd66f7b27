"""Muon: momentum, orthogonalised before it is applied (Jordan et al. 2024), in stacks of equal shape."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

COEFFICIENTS = {
    3: ((8.0720, -22.5331, 16.1962), (3.8710, -2.8150, 0.5271), (3.1897, -2.3919, 0.4991)),
    4: ((8.0916, -22.3484, 16.0117), (3.9444, -2.7916, 0.5125), (3.4952, -2.5668, 0.5021), (2.5195, -1.8592, 0.4396)),
    5: ((8.2057, -22.9065, 16.4647), (4.0667, -2.8617, 0.5185), (3.9098, -2.8239, 0.5252), (3.2854, -2.4152, 0.4853),
        (2.3005, -1.6688, 0.4188)),
}  # fmt: skip
"""By number of iterations: odd quintics that bring singular values from .005, .003, .001 to within .50, .21, .12 of 1.

Each is the minimax polynomial on the interval that the one before left, cushioned at the low end so that no value in
between comes near 0, with 1 % of room for bf16's rounding (Polar Express: Amsel et al. 2025).
"""


def orthogonalize(
    matrices: Float[Tensor, "matrices rows columns"], num_iterations: int = 4
) -> Float[Tensor, "matrices rows columns"]:
    """Bring every singular value of each matrix near 1, in bf16; cheapest where `rows` is the smaller side.

    Scaled by `|(x x^T)^2|^(1/4)` in place of the usual Frobenius norm: a far tighter bound of the largest singular
    value, from products that are needed anyway. On real momenta 4 iterations are as near as 5 of Jordan's.
    """
    x = (matrices / matrices.flatten(1).norm(dim=1).clamp_min(1e-30)[:, None, None]).bfloat16()
    for index, (a, b, c) in enumerate(COEFFICIENTS[num_iterations]):
        gram = torch.bmm(x, x.mT)
        square = torch.bmm(gram, gram)
        if index == 0:
            scale = square.float().flatten(1).norm(dim=1).pow(0.25).clamp_min(1e-3)[:, None, None]
            square.div_(scale**4)
            gram.div_(scale**2)
            x = x.div_(scale)
        polynomial = square.mul_(c).add_(gram, alpha=b)
        polynomial.diagonal(dim1=1, dim2=2).add_(a)
        x = torch.bmm(polynomial, x)
    return x


@dataclass(frozen=True)
class _Stack:
    """All blocks of one shape; tensors are `[blocks, rows, columns]`, lying so that rows <= columns."""

    scale: float
    parameters: list[nn.Parameter]
    gradient: Tensor
    momentum: Tensor
    update: Tensor
    """bf16, like the products it comes from."""
    counts: list[int]
    """Blocks of each parameter."""
    is_tall: bool
    """Whether the parameters' blocks are the transposed ones."""

    def views(self, stack: Tensor) -> list[Tensor]:
        """The parts of a stack, each shaped like its parameter seen as blocks: `[blocks, out, in]`."""
        return [part.mT if self.is_tall else part for part in stack.split(self.counts)]

    def blocks(self, tensors: Iterable[Tensor]) -> list[Tensor]:
        """The parameters, or tensors shaped like them, seen as blocks."""
        return [t.view(n, t.shape[0] // n, t.shape[1]) for t, n in zip(tensors, self.counts, strict=True)]


class Muon:
    """Momentum, orthogonalised, for matrices `[out, in]`; `num_blocks` says how many parts fused ones (q, k, v) have.

    The update of each block is scaled by `max(1, out / in) ** 0.5` (Jordan's form). `refresh_every=k` orthogonalises
    one k-th of the blocks a step and applies the others' last update again.
    """

    def __init__(
        self,
        parameters: Mapping[str, nn.Parameter],
        num_blocks: Mapping[str, int],
        *,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        num_iterations: int = 4,
        refresh_every: int = 1,
    ) -> None:
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.num_iterations = num_iterations
        self.refresh_every = refresh_every
        self.learning_rate = 0.0
        self._num_steps = 0
        shapes: dict[tuple[int, int], list[str]] = {}
        for name, parameter in parameters.items():
            shapes.setdefault(_block_shape(name, parameter, num_blocks.get(name, 1)), []).append(name)
        self._stacks = {
            f"{rows}x{columns}": _stack(rows, columns, [parameters[name] for name in names])
            for (rows, columns), names in shapes.items()
        }

    @torch.no_grad()
    def step(self) -> None:
        """Update every matrix from its gradient; one without a gradient counts as zero."""
        for stack in self._stacks.values():
            torch._foreach_copy_(stack.views(stack.gradient), stack.blocks(map(_gradient, stack.parameters)))
            stack.momentum.lerp_(stack.gradient, 1 - self.momentum)
            stack.gradient.lerp_(stack.momentum, self.momentum)
            part = slice(self._num_steps % self.refresh_every, None, self.refresh_every if self._num_steps else 1)
            stack.update[part] = orthogonalize(stack.gradient[part], self.num_iterations)
            self._apply(stack)
        self._num_steps += 1

    def _apply(self, stack: _Stack) -> None:
        parameters = stack.blocks(stack.parameters)
        if self.weight_decay:
            torch._foreach_mul_(parameters, 1 - self.learning_rate * self.weight_decay)
        torch._foreach_add_(parameters, stack.views(stack.update), alpha=-self.learning_rate * stack.scale)

    def state(self) -> dict[str, Tensor]:
        """What is remembered between steps, in its own memory: copy before the next step."""
        state = {"num_steps": torch.tensor(self._num_steps)}
        for shape, stack in self._stacks.items():
            state[f"momentum/{shape}"] = stack.momentum
            if self.refresh_every > 1:
                state[f"update/{shape}"] = stack.update
        return state

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take over, by copying, what `state` gave for the same matrices in the same order."""
        for key, tensor in self.state().items():
            tensor.copy_(state[key])
        self._num_steps = int(state["num_steps"])


def _stack(rows: int, columns: int, parameters: list[nn.Parameter]) -> _Stack:
    counts = [parameter.shape[0] // rows for parameter in parameters]
    gradient = torch.zeros(
        sum(counts), min(rows, columns), max(rows, columns), dtype=torch.float32, device=parameters[0].device
    )
    return _Stack(
        scale=max(1.0, rows / columns) ** 0.5,
        parameters=parameters,
        gradient=gradient,
        momentum=torch.zeros_like(gradient),
        update=torch.zeros_like(gradient, dtype=torch.bfloat16),
        counts=counts,
        is_tall=rows > columns,
    )


def _gradient(parameter: nn.Parameter) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


def _block_shape(name: str, parameter: nn.Parameter, num_blocks: int) -> tuple[int, int]:
    rows, columns = parameter.shape
    if rows % num_blocks:
        raise ValueError(f"`num_blocks` of {name} must divide its {rows} rows, but is {num_blocks}.")
    return rows // num_blocks, columns
