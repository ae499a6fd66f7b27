"""Recurrent layers: LSTM (Hochreiter and Schmidhuber 1997) and GRU (Cho et al. 2014, arXiv 1406.1078), torch's kernels.

The recurrence is computed in fp32 whatever the other layers compute in: in bf16 a cell that counts stops at 256.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

Cell = Literal["lstm", "gru"]

States = tuple[Float[Tensor, "rows d_state"], ...]
"""(h, c) of an LSTM, (h,) of a GRU."""

NUM_STATES = {"lstm": 2, "gru": 1}


class Recurrence(nn.Module):
    """One layer in one direction."""

    def __init__(self, cell: Cell, d_input: int, d_state: int) -> None:
        super().__init__()
        self.cell: Cell = cell
        self.unit = (nn.LSTM if cell == "lstm" else nn.GRU)(d_input, d_state, batch_first=True)
        self.num_gates = 4 if cell == "lstm" else 3
        # Gates are matrices of their own to an optimizer that sees matrices.
        self.unit.num_blocks = self.num_gates  # type: ignore[assignment]
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Glorot-uniform from the input, orthogonal from the state, biases 0; forget gates open (bias 1)."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.unit.parameters()
        for into, within in zip(weight_ih.chunk(self.num_gates), weight_hh.chunk(self.num_gates), strict=True):
            nn.init.xavier_uniform_(into)
            nn.init.orthogonal_(within)
        nn.init.zeros_(bias_ih)
        nn.init.zeros_(bias_hh)
        if self.cell == "lstm":
            nn.init.ones_(bias_ih.chunk(4)[1])

    def forward(
        self, x: Float[Tensor, "rows length d_input"], states: States | None = None
    ) -> Float[Tensor, "rows length d_state"]:
        """The outputs at all positions, from `states` or zeros."""
        exact = torch.promote_types(x.dtype, torch.float32)
        if states is None:
            states = (x.new_zeros(len(x), self.unit.hidden_size),) * NUM_STATES[self.cell]
        if x.is_meta:  # torch's kernels want numbers, not shapes alone
            columns = []
            for column in x.unbind(1):
                y, states = self.step(column, states)
                columns.append(y)
            return torch.stack(columns, dim=1)
        first = [state.to(exact)[None] for state in states]
        # A model cast to bf16 has its weights in bf16 too.
        weights = [weight.to(exact) for weight in self.unit.parameters()]
        with torch.autocast(x.device.type, enabled=False):
            if self.cell == "lstm":
                y = torch.lstm(x.to(exact), first, weights, True, 1, 0.0, self.training, False, True)[0]
            else:
                y = torch.gru(x.to(exact), first[0], weights, True, 1, 0.0, self.training, False, True)[0]
        return y.to(x.dtype)

    def step(self, x: Float[Tensor, "rows d_input"], states: States) -> tuple[Float[Tensor, "rows d_state"], States]:
        """One position: the output and the states after it; products in the type of `x`, states in fp32."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.unit.parameters()
        exact = torch.promote_types(x.dtype, torch.float32)
        h = states[0].to(exact)
        into = F.linear(x, weight_ih, bias_ih).to(exact)
        within = F.linear(h.to(x.dtype), weight_hh, bias_hh).to(exact)
        if self.cell == "gru":
            h = _gru(into, within, h)
            return h.to(x.dtype), (h,)
        h, c = _lstm(into + within, states[1].to(exact))
        return h.to(x.dtype), (h, c)


class BidirectionalRecurrence(nn.Module):
    """Two layers that read from both ends; the padding behind a sequence changes nothing before it."""

    def __init__(self, cell: Cell, d_input: int, d_state: int) -> None:
        super().__init__()
        self.forwards = Recurrence(cell, d_input, d_state)
        self.backwards = Recurrence(cell, d_input, d_state)

    def forward(
        self, x: Float[Tensor, "batch length d_input"], reversal: Int[Tensor, "batch length"] | None
    ) -> Float[Tensor, "batch length two_d_state"]:
        """Both directions side by side; `reversal` as of `reversal_of`."""
        # Not packed sequences: on the CPU torch computes these without its fused kernel.
        backwards = reverse(self.backwards(reverse(x, reversal)), reversal)
        return torch.cat([self.forwards(x), backwards], dim=-1)


def reversal_of(is_real: Bool[Tensor, "batch length"]) -> Int[Tensor, "batch length"]:
    """Which position comes to each place when the real ones, which come first, are reversed and the others stay."""
    time = torch.arange(is_real.shape[1], device=is_real.device)
    from_end = is_real.sum(1, keepdim=True) - 1 - time
    return torch.where(from_end >= 0, from_end, time)


def reverse(
    x: Float[Tensor, "batch length channels"], reversal: Int[Tensor, "batch length"] | None
) -> Float[Tensor, "batch length channels"]:
    """Every row reversed within its length; all of it where `reversal` is None."""
    return x.flip(1) if reversal is None else x.gather(1, reversal[:, :, None].expand_as(x))


def _lstm(gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    enter, forget, candidate, leave = gates.chunk(4, dim=-1)
    c = forget.sigmoid() * c + enter.sigmoid() * candidate.tanh()
    return leave.sigmoid() * c.tanh(), c


def _gru(into: Tensor, within: Tensor, h: Tensor) -> Tensor:
    reset_into, update_into, candidate_into = into.chunk(3, dim=-1)
    reset_within, update_within, candidate_within = within.chunk(3, dim=-1)
    candidate = (candidate_into + (reset_into + reset_within).sigmoid() * candidate_within).tanh()
    return candidate + (update_into + update_within).sigmoid() * (h - candidate)
