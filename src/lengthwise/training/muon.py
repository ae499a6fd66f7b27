"""Muon: momentum, orthogonalised before it is applied (Jordan et al. 2024), in stacks of equal shape."""

from collections.abc import Mapping, Sequence

import torch
import torch.distributed as dist
from jaxtyping import Float
from torch import Tensor, nn

from lengthwise.parallel.tensors import like, local, local_rows, whole
from lengthwise.world import ALONE, World

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


class Muon:
    """Momentum, orthogonalised, for matrices `[out, in]`; `num_blocks` says how many parts fused ones (q, k, v) have.

    The update of each block is scaled by `max(1, out / in) ** 0.5` (Jordan's form). `refresh_every=k` orthogonalises
    one k-th of the blocks a step and applies the others' last update again. Processes share out the blocks: each needs
    all of a matrix, but not all matrices.
    """

    def __init__(
        self,
        parameters: Mapping[str, nn.Parameter],
        num_blocks: Mapping[str, int],
        world: World = ALONE,
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
        self.world = world
        self.parameters = dict(parameters)
        self._num_steps = 0
        self._momenta = {name: torch.zeros_like(p, dtype=torch.float32) for name, p in parameters.items()}
        shapes: dict[tuple[int, int], list[str]] = {}
        for name, parameter in parameters.items():
            shapes.setdefault(_block_shape(name, parameter, num_blocks.get(name, 1)), []).append(name)
        self._stacks = [
            _Stack(rows, columns, {n: parameters[n] for n in names}) for (rows, columns), names in shapes.items()
        ]

    @torch.no_grad()
    def step(self) -> None:
        """Update every matrix from its gradient; one without a gradient counts as zero."""
        for stack in self._stacks:
            momenta = [local(self._momenta[name]) for name in stack.parameters]
            gradients = [local(_gradient(parameter)).float() for parameter in stack.parameters.values()]
            torch._foreach_lerp_(momenta, gradients, 1 - self.momentum)
            stack.gather(torch._foreach_lerp(gradients, momenta, self.momentum))
            part = slice(self._num_steps % self.refresh_every, None, self.refresh_every if self._num_steps else 1)
            stack.update[part] = self._orthogonalized(stack.directions[part])
            self._apply(stack)
        self._num_steps += 1

    def _orthogonalized(self, matrices: Tensor) -> Tensor:
        """Each process a part of the matrices, then all of them everywhere."""
        size, rank = self.world.size, self.world.rank
        if size == 1:
            return orthogonalize(matrices, self.num_iterations)
        most = -(-len(matrices) // size)
        mine = matrices.new_zeros(most, *matrices.shape[1:], dtype=torch.bfloat16)
        some = matrices[rank * most : (rank + 1) * most]
        if len(some):
            mine[: len(some)] = orthogonalize(some, self.num_iterations)
        found = mine.new_empty(size * most, *mine.shape[1:])
        dist.all_gather(list(found.chunk(size)), mine)
        return found[: len(matrices)]

    def _apply(self, stack: "_Stack") -> None:
        parameters = [local(parameter) for parameter in stack.parameters.values()]
        if self.weight_decay:
            torch._foreach_mul_(parameters, 1 - self.learning_rate * self.weight_decay)
        torch._foreach_add_(parameters, stack.updates(), alpha=-self.learning_rate * stack.scale)

    def state(self) -> dict[str, Tensor]:
        """What is remembered between steps, in its own memory: copy before the next step."""
        state = {"num_steps": torch.tensor(self._num_steps)}
        for stack in self._stacks:
            updates = stack.updates() if self.refresh_every > 1 else [None] * len(stack.parameters)
            for (name, parameter), update in zip(stack.parameters.items(), updates, strict=True):
                state[f"{name}/momentum"] = self._momenta[name]
                if update is not None:
                    state[f"{name}/update"] = like(parameter, update)
        return state

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take over, by copying, what `state` gave for the same matrices."""
        for name, momentum in self._momenta.items():
            local(momentum).copy_(local(state[f"{name}/momentum"]))
        for stack in self._stacks:
            if self.refresh_every > 1:
                # What was given may lie where it is copied to.
                stack.take(stack.update, [whole(state[f"{name}/update"]).clone() for name in stack.parameters])
        self._num_steps = int(state["num_steps"])


class _Stack:
    """All blocks of one shape: `[blocks, smaller side, larger side]`, whole on every process."""

    def __init__(self, rows: int, columns: int, parameters: Mapping[str, nn.Parameter]) -> None:
        self.parameters, self.is_tall = parameters, rows > columns
        self.scale = max(1.0, rows / columns) ** 0.5
        self._shapes = [parameter.shape for parameter in parameters.values()]
        self._counts = [shape[0] // rows for shape in self._shapes]
        device = next(iter(parameters.values())).device
        shape = sum(self._counts), min(rows, columns), max(rows, columns)
        self.directions = torch.zeros(shape, dtype=torch.float32, device=device)
        self.update = torch.zeros(shape, dtype=torch.bfloat16, device=device)
        """Like the products it comes from."""

    def gather(self, parts: Sequence[Tensor]) -> None:
        """Put the directions together from what each process has of each parameter."""
        divided = [like(p, part) for p, part in zip(self.parameters.values(), parts, strict=True)]
        self.take(self.directions, [whole(tensor) for tensor in divided])

    def take(self, stack: Tensor, tensors: Sequence[Tensor]) -> None:
        """Copy tensors that are shaped like the parameters into a stack."""
        blocks = [t.view(n, t.shape[0] // n, t.shape[1]) for t, n in zip(tensors, self._counts, strict=True)]
        torch._foreach_copy_(self._views(stack), blocks)

    def updates(self) -> list[Tensor]:
        """This process's rows of the update of each parameter."""
        shaped = [view.reshape(shape) for view, shape in zip(self._views(self.update), self._shapes, strict=True)]
        return [local_rows(tensor, p) for tensor, p in zip(shaped, self.parameters.values(), strict=True)]

    def _views(self, stack: Tensor) -> list[Tensor]:
        return [part.mT if self.is_tall else part for part in stack.split(self._counts)]


def _gradient(parameter: nn.Parameter) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


def _block_shape(name: str, parameter: nn.Parameter, num_blocks: int) -> tuple[int, int]:
    rows, columns = parameter.shape
    if rows % num_blocks:
        raise ValueError(f"`num_blocks` of {name} must divide its {rows} rows, but is {num_blocks}.")
    return rows // num_blocks, columns
