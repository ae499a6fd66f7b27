"""What every trainer is asked for: the same size, the same batches, one step at a time."""

import importlib
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from benchmarks.peers.decoder import START, Decoder

Schedule = Callable[[int, float], float]
"""(step from 0, share of the time that is over) -> factor on the peak learning rate."""


class Optimizer(Protocol):
    """What a trainer asks of an optimizer; `lengthwise.training.optimizers.Optimizer` is one."""

    def set_factor(self, factor: float) -> None:
        """Set the learning rate to its peak times the schedule's factor."""

    def step(self) -> None:
        """Update the parameters."""

    def zero_grad(self) -> None:
        """Drop the gradients."""


class TorchOptimizer:
    """One of torch's, with the learning rates it was built with as peaks."""

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self.optimizer = optimizer
        self.peaks = [group["lr"] for group in optimizer.param_groups]

    def set_factor(self, factor: float) -> None:
        for group, peak in zip(self.optimizer.param_groups, self.peaks, strict=True):
            group["lr"] = peak * factor

    def step(self) -> None:
        self.optimizer.step()

    def zero_grad(self) -> None:
        self.optimizer.zero_grad(set_to_none=True)


@dataclass(frozen=True, kw_only=True)
class Size:
    """What must be equal in all trainers for a comparison to mean anything."""

    vocab: int = 8000
    d_model: int = 256
    num_encoder_layers: int = 3
    num_decoder_layers: int = 3
    num_heads: int = 4
    d_ff: int = 1024
    dropout: float = 0.0
    max_positions: int = 2304
    label_smoothing: float = 0.1


class Trainer(ABC):
    """A peer's model in the training loop that its own documentation shows."""

    model: nn.Module
    optimizer: Optimizer
    schedule: Schedule
    steps_done: int = 0

    @abstractmethod
    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Mean label-smoothed loss over the real target positions of one padded batch."""

    @abstractmethod
    def use_recommended(self) -> None:
        """Train with the optimizer and the schedule that the peer recommends."""

    def decoder(self) -> Decoder:
        """The peer's way to decode with what was learned."""
        raise NotImplementedError

    def use(self, optimizer: Optimizer, schedule: Schedule) -> None:
        """Train with these: how our optimizer is given to a peer."""
        self.optimizer, self.schedule = optimizer, schedule

    def step(self, inputs: Tensor, targets: Tensor, progress: float = 0.0) -> float:
        """One update in bf16 autocast with the gradient clipped at 1; returns the loss."""
        self.optimizer.set_factor(self.schedule(self.steps_done, progress))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = self.loss(inputs, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.steps_done += 1
        return loss.item()


def linear_with_warmup(warmup_steps: int) -> Schedule:
    """Up over the warm-up, then down to zero when the time is over."""
    return lambda step, progress: min((step + 1) / warmup_steps, max(1.0 - progress, 0.0))


def sinusoids(num_positions: int, d_model: int) -> Tensor:
    """Sine and cosine of every position, interleaved, `[num_positions, d_model]`."""
    rates = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
    angles = torch.arange(num_positions)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).view(num_positions, d_model)


def shift_right(targets: Tensor) -> Tensor:
    """What the decoder reads: `START`, then the targets without their last position."""
    return nn.functional.pad(targets, (1, -1), value=START)


def find(path: str) -> Callable[[Size], Trainer]:
    """The factory behind `package.module:function`."""
    module, _, function = path.partition(":")
    return getattr(importlib.import_module(module), function)
