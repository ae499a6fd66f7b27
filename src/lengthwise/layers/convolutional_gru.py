"""Convolutional gated recurrent units applied as often as a sequence is long: what Neural GPUs are made of.

One application (Kaiser and Sutskever 2015, arXiv 1511.08228, section 2; the hard, diagonal one: Freivalds and Liepins
2017, arXiv 1702.08727) makes s' = g ⊙ shift(s) + (1 − g) ⊙ c with r, g = σ(conv(s)) and c = φ(conv(r ⊙ s)).
`recur` computes all applications to all sequences in one function with a gradient of its own: nothing is padded,
sequences that are done drop out, and of the thirty operations of an application four results are kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from lengthwise.layers.ragged import Ragged

SATURATION_START = 0.9
"""Pre-activations of hard functions cost what they exceed this by."""

Weights = tuple[
    Float[Tensor, "3 maps two_maps"], Float[Tensor, " two_maps"], Float[Tensor, "3 maps maps"], Float[Tensor, " maps"]
]
"""Of both gates (reset and update, side by side) and of the candidate; a matrix for the left neighbour, the position
itself and the right neighbour."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Which unit: the hard, diagonal one, or the original."""

    is_hard: bool = True
    """σ(x) = clip(x/2 + 1/2, 0, 1) and φ(x) = clip(x, −1, 1); else clip(1.2 sigmoid(x) − 0.1, 0, 1) and tanh."""
    is_diagonal: bool = True
    """A third of the maps moves one position to the right, another third to the left; else all stay."""
    reset_bias: float = 0.5
    gate_bias: float = 0.7
    """Added to the learned biases."""
    keep: float = 1.0
    """Share of a candidate's entries that dropout leaves in training."""
    applications_per_step: int = 1
    """A step is as many applications, a sequence of n positions takes n steps."""

    def scaled(self, weights: Weights) -> Weights:
        """Weights that give σ's argument with its constants in it: hard gates are then one clip."""
        gates_weight, gates_bias, weight, bias = weights
        maps = len(bias)
        start = gates_bias.new_tensor([self.reset_bias, self.gate_bias]).repeat_interleave(maps)
        if self.is_hard:
            return gates_weight / 2, (gates_bias + start) / 2 + 0.5, weight, bias
        return gates_weight, gates_bias + start, weight, bias

    def gates_(self, x: Tensor) -> Tensor:
        """σ in place, of what the scaled weights give."""
        return x.clamp_(0, 1) if self.is_hard else x.sigmoid_().mul_(1.2).sub_(0.1).clamp_(0, 1)

    def gates_back_(self, d_gates: Tensor, gates: Tensor) -> None:
        """Turn the gradient of the gates into that of σ's argument, from its result."""
        d_gates.copy_(torch.ops.aten.hardtanh_backward(d_gates, gates, 0.0, 1.0))
        if not self.is_hard:
            sigmoid = (gates + 0.1) / 1.2
            d_gates.mul_(sigmoid * (1 - sigmoid)).mul_(1.2)

    def candidate_(self, x: Tensor) -> Tensor:
        """φ in place."""
        return x.clamp_(-1, 1) if self.is_hard else x.tanh_()

    def candidate_back_(self, d_candidate: Tensor, candidate: Tensor) -> None:
        """Turn the gradient of the candidate into that of φ's argument, from its result."""
        if self.is_hard:
            d_candidate.copy_(torch.ops.aten.hardtanh_backward(d_candidate, candidate, -1.0, 1.0))
        else:
            d_candidate.addcmul_(d_candidate, candidate.square(), value=-1)


def recur(
    state: Float[Tensor, "rows maps"],
    layout: Ragged,
    weights: Sequence[Weights],
    unit: Unit,
    saturation: Float[Tensor, " rows"] | None = None,
    keep_state: Float[Tensor, " rows"] | None = None,
) -> tuple[Float[Tensor, "rows maps"], Float[Tensor, ""]]:
    """The state after all steps of each sequence, and the saturation cost.

    `weights` take turns. `keep_state` is the share of each row's entries that dropout leaves after a step. The cost is
    the sum over all gates and candidates of hard units, times their row's `saturation`, of relu(|x| − 0.9), x being
    what σ and φ are applied to.
    """
    # Only here: within a function of autograd gradients are never enabled.
    is_training = torch.is_grad_enabled()
    run = _Run(layout, unit, len(weights), saturation, keep_state, is_training)
    flat = [tensor for each in weights for tensor in unit.scaled(each)]
    return _Recurrence.apply(state, run, *flat)  # type: ignore[return-value]


@dataclass(frozen=True)
class _Run:
    """What is not differentiated."""

    layout: Ragged
    unit: Unit
    num_weights: int
    saturation: Tensor | None
    keep_state: Tensor | None
    is_training: bool
    """Whether a backward pass may follow."""

    def applications(self) -> Iterator[tuple[int, int, Tensor]]:
        """For each application which weights it has, how many rows, and the zero rows between its sequences."""
        number = 0
        for count, rows in self.layout.active:
            for _ in range(self.unit.applications_per_step):
                yield number % self.num_weights, rows, self.layout.ends[: count - 1]
                number += 1

    def masks(self, like: Tensor, number: int) -> tuple[Tensor | None, Tensor | None]:
        """Dropout of an application's candidate, and of the state where it ends a step; None for none."""
        of_state = None
        if self.keep_state is not None and (number + 1) % self.unit.applications_per_step == 0:
            of_state = _dropout_mask(like, self.keep_state[1 : len(like) + 1, None])
        return (_dropout_mask(like, self.unit.keep) if self.unit.keep < 1 else None), of_state


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, state: Tensor, run: _Run, *flat: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        is_training = run.is_training
        maps, unit = state.shape[1], run.unit
        state, cost = state.clone(), state.new_zeros(())
        kept: list[tuple[Tensor, Tensor, Tensor, Tensor | None, Tensor | None]] = []
        for number, (which, rows, zeros) in enumerate(run.applications()):
            gates_weight, gates_bias, weight, bias = flat[4 * which : 4 * which + 4]
            before = state[:rows].clone() if is_training else state[:rows]
            gates = _convolve(before, gates_weight, gates_bias)
            cost += _excess(gates, 0.5, 2, run)
            gates = unit.gates_(gates)
            reset, gate = gates[:, :maps], gates[:, maps:]
            candidate = _convolve(_framed(reset * before[1:-1]), weight, bias)
            cost += _excess(candidate, 0.0, 1, run)
            candidate = unit.candidate_(candidate)
            mask, state_mask = run.masks(candidate, number) if is_training else (None, None)
            dropped = candidate if mask is None else candidate * mask
            after = dropped.lerp(_shifted(before, unit), gate)
            state[1 : rows - 1] = after if state_mask is None else after * state_mask
            if is_training:
                kept.append((before, gates, candidate, mask, state_mask))
            state.index_fill_(0, zeros, 0)
        ctx.run, ctx.kept, ctx.flat = run, kept, flat
        return state, cost

    @staticmethod
    def backward(ctx: Any, d_state: Tensor, d_cost: Tensor) -> tuple[Any, ...]:  # type: ignore[override]
        run, flat = ctx.run, ctx.flat
        unit, maps = run.unit, d_state.shape[1]
        d_state = d_state.clone()
        d_flat = [torch.zeros_like(tensor) for tensor in flat]
        for (which, rows, zeros), kept in reversed(list(zip(run.applications(), ctx.kept, strict=True))):
            before, gates, candidate, mask, state_mask = kept
            gates_weight, _, weight, _ = flat[4 * which : 4 * which + 4]
            d_gates_weight, d_gates_bias, d_weight, d_bias = d_flat[4 * which : 4 * which + 4]
            reset, gate, own = gates[:, :maps], gates[:, maps:], before[1:-1]
            d_after = d_state[:rows].index_fill_(0, zeros, 0)[1:-1]
            d_after = d_after if state_mask is None else d_after * state_mask
            dropped = candidate if mask is None else candidate * mask
            d_gates = _frame(d_after, 2)
            torch.mul(d_after, _shifted(before, unit) - dropped, out=d_gates[1:-1, maps:])
            d_shifted = d_after * gate
            d_candidate = _frame(d_after, 1)
            inner = torch.sub(d_after, d_shifted, out=d_candidate[1:-1])
            if mask is not None:
                inner *= mask
            unit.candidate_back_(inner, candidate)
            _add_excess_gradient(inner, candidate, 0.0, 1, d_cost, run)
            d_reset_state = _convolve_back(d_candidate, weight)
            _add_weight_gradient(d_weight, d_bias, _framed(reset * own), inner)
            inner = d_gates[1:-1]
            torch.mul(d_reset_state, own, out=inner[:, :maps])
            unit.gates_back_(inner, gates)
            _add_excess_gradient(inner, gates, 0.5, 2, d_cost, run)
            _add_weight_gradient(d_gates_weight, d_gates_bias, before, inner)
            d_own = _convolve_back(d_gates, gates_weight).addcmul_(d_reset_state, reset)
            _add_unshifted(d_own, d_shifted, unit)
            d_state[1 : rows - 1] = d_own
        d_state.index_fill_(0, run.layout.ends, 0)
        return d_state, None, *d_flat


def _frame(like: Tensor, width: int) -> Tensor:
    """Room for `width` times as many maps with a zero row before and after."""
    framed = like.new_empty(len(like) + 2, width * like.shape[1])
    framed[0] = 0
    framed[-1] = 0
    return framed


def _framed(x: Tensor) -> Tensor:
    framed = _frame(x, 1)
    framed[1:-1] = x
    return framed


def _convolve(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """All rows of x but the first and last: each with its neighbours, times a matrix each."""
    return torch.addmm(bias, x[:-2], weight[0]).addmm_(x[1:-1], weight[1]).addmm_(x[2:], weight[2])


def _convolve_back(d_y: Tensor, weight: Tensor) -> Tensor:
    left, own, right = weight.transpose(1, 2)
    return torch.mm(d_y[2:], left).addmm_(d_y[1:-1], own).addmm_(d_y[:-2], right)


def _add_weight_gradient(d_weight: Tensor, d_bias: Tensor, x: Tensor, d_y: Tensor) -> None:
    for neighbour in range(3):
        d_weight[neighbour].addmm_(x[neighbour : neighbour + len(d_y)].t(), d_y)
    d_bias += d_y.sum(0)


def _shifted(state: Tensor, unit: Unit) -> Tensor:
    """The state (without its frame) with a third of the maps from the left and a third from the right neighbour."""
    if not unit.is_diagonal:
        return state[1:-1]
    third = state.shape[1] // 3
    stay = state.shape[1] - 2 * third
    shifted = state[1:-1].clone()
    shifted[:, stay : stay + third] = state[:-2, stay : stay + third]
    shifted[:, stay + third :] = state[2:, stay + third :]
    return shifted


def _add_unshifted(d_state: Tensor, d_shifted: Tensor, unit: Unit) -> None:
    if not unit.is_diagonal:
        d_state += d_shifted
        return
    third = d_state.shape[1] // 3
    stay = d_state.shape[1] - 2 * third
    d_state[:, :stay] += d_shifted[:, :stay]
    d_state[:-1, stay : stay + third] += d_shifted[1:, stay : stay + third]
    d_state[1:, stay + third :] += d_shifted[:-1, stay + third :]


def _excess(x: Tensor, centre: float, scale: int, run: _Run) -> Tensor | float:
    """Saturation cost of arguments, which lie around `centre` and count `scale` times: gates' were halved and moved."""
    if run.saturation is None:
        return 0.0
    beyond = F.softshrink(x - centre if centre else x, SATURATION_START / scale)
    return scale * (torch.linalg.vector_norm(beyond, ord=1, dim=1) @ run.saturation[1 : len(x) + 1])


def _add_excess_gradient(d_x: Tensor, x: Tensor, centre: float, scale: int, d_cost: Tensor, run: _Run) -> None:
    """The cost's gradient; `x` may be clipped, as the cost begins before that."""
    if run.saturation is not None:
        beyond = F.softshrink(x - centre if centre else x, SATURATION_START / scale)
        d_x.addcmul_(beyond.sign_(), scale * d_cost * run.saturation[1 : len(x) + 1, None])


def _dropout_mask(like: Tensor, keep: Tensor | float) -> Tensor:
    """0 or 1/keep, keep in 256ths, at least one; from random bytes, which cost an eighth of random floats."""
    kept = (keep * 256).round() if isinstance(keep, Tensor) else min(255, max(1, round(keep * 256)))
    words = torch.empty(like.numel() // 8 + 1, dtype=torch.int64, device=like.device).random_(-(2**63), None)
    is_kept = words.view(torch.uint8)[: like.numel()].view(like.shape) < kept
    return is_kept.to(like.dtype) * (256 / kept)
