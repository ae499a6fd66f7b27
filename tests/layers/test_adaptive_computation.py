import math

import pytest
import torch

from lengthwise.layers.adaptive_computation import Halting, Pondering


def halting(probability: float, averaging: str) -> Halting:
    module = Halting(4, averaging).double()  # pyright: ignore[reportArgumentType]
    torch.nn.init.zeros_(module.dense.weight)
    torch.nn.init.constant_(module.dense.bias, math.log(probability / (1 - probability)))
    return module


def pondered(probability: float, averaging: str, states: list[float], max_steps: int = 9) -> Pondering:
    """One position that halts with the same probability at each step, whose states are given."""
    module, pondering = halting(probability, averaging), Pondering.of(torch.zeros(1, 1, 4, dtype=torch.double))
    for step, value in enumerate(states[:max_steps]):
        after = torch.full((1, 1, 4), value, dtype=torch.double)
        pondering = module(pondering, torch.zeros_like(after), after, is_last=step == max_steps - 1)
    return pondering


def test_the_sum_weighs_steps_by_their_probability_and_the_last_by_the_remainder():
    found = pondered(0.4, "sum", [1.0, 10.0, 100.0, 1000.0])
    assert found.output[0, 0, 0].item() == pytest.approx(0.4 * 1 + 0.4 * 10 + 0.2 * 100, abs=1e-6)
    assert found.num_steps.item() == 3
    assert found.remainders.item() == pytest.approx(0.2, abs=1e-6)
    assert found.cost.item() == pytest.approx(3.2, abs=1e-6)


def test_interpolation_lets_later_steps_push_earlier_ones_out():
    found = pondered(0.4, "interpolation", [1.0, 10.0, 100.0, 1000.0])
    first = 0.4 * 1.0
    second = 0.4 * 10.0 + 0.6 * first
    assert found.output[0, 0, 0].item() == pytest.approx(0.2 * 100 + 0.8 * second, abs=1e-5)


def test_the_last_step_halts_whatever_runs():
    found = pondered(0.1, "sum", [1.0, 1.0, 1.0], max_steps=3)
    assert not found.is_running.any()
    assert found.output[0, 0, 0].item() == pytest.approx(1.0)


def test_a_sure_position_takes_one_step_and_what_is_not_real_none():
    state = torch.ones(1, 2, 4, dtype=torch.double)
    pondering = Pondering.of(state, torch.tensor([[True, False]]))
    found = halting(0.995, "sum")(pondering, state, state, is_last=False)
    assert found.num_steps.tolist() == [[1, 0]]
    assert not found.is_running.any()


def test_halting_is_likely_at_first():
    assert Halting(8, "sum").dense.bias.item() == 1
