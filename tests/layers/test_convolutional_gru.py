import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lengthwise.layers.convolutional_gru import Unit, Weights, recur
from lengthwise.layers.ragged import Ragged

MAPS = 7
LENGTHS = torch.tensor([9, 3, 9, 5, 1])


def hard_sigmoid(x: Tensor) -> Tensor:
    return (0.5 * x + 0.5).clamp(0, 1)


def saturating_sigmoid(x: Tensor) -> Tensor:
    return (1.2 * torch.sigmoid(x) - 0.1).clamp(0, 1)


def convolve(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.conv1d(x.transpose(1, 2), weight.permute(2, 1, 0), bias, padding=1).transpose(1, 2)


def written_out(
    x: Tensor, weights: list[Weights], unit: Unit, saturation: Tensor | None
) -> tuple[Tensor, Tensor | float]:
    """The equations, one call of torch per operation, padded: what autograd differentiates."""
    is_real = (torch.arange(x.shape[1]) < LENGTHS[:, None])[..., None].to(x.dtype)
    state, cost, third = x * is_real, 0.0, MAPS // 3
    sigmoid = hard_sigmoid if unit.is_hard else saturating_sigmoid
    for number in range(x.shape[1] * unit.applications_per_step):
        gates_weight, gates_bias, weight, bias = weights[number % len(weights)]
        goes_on = (number // unit.applications_per_step < LENGTHS)[:, None, None].to(x.dtype)
        reset, gate = convolve(state, gates_weight, gates_bias).split(MAPS, -1)
        reset, gate = reset + unit.reset_bias, gate + unit.gate_bias
        candidate = convolve(sigmoid(reset) * state, weight, bias)
        own, left, right = state.split([MAPS - 2 * third, third, third], -1)
        shifted = torch.cat((own, F.pad(left, (0, 0, 1, 0))[:, :-1], F.pad(right, (0, 0, 0, 1))[:, 1:]), -1)
        if not unit.is_diagonal:
            shifted = state
        new = candidate.clamp(-1, 1) if unit.is_hard else candidate.tanh()
        after = (sigmoid(gate) * shifted + (1 - sigmoid(gate)) * new) * is_real
        if saturation is not None:
            for argument in (reset, gate, candidate):
                excess = (argument.abs() - 0.9).relu() * is_real * goes_on
                cost = cost + (excess * saturation[:, None, None]).sum()
        state = goes_on * after + (1 - goes_on) * state
    return state, cost


def drawn(count: int) -> list[Weights]:
    def leaf(*shape: int) -> Tensor:
        return (0.4 * torch.randn(shape, dtype=torch.double)).requires_grad_()

    return [(leaf(3, MAPS, 2 * MAPS), leaf(2 * MAPS), leaf(3, MAPS, MAPS), leaf(MAPS)) for _ in range(count)]


@pytest.mark.parametrize("is_hard", [True, False])
@pytest.mark.parametrize("is_diagonal", [True, False])
@pytest.mark.parametrize("per_step", [1, 2])
def test_states_costs_and_gradients_are_those_of_the_equations(is_hard, is_diagonal, per_step):
    unit = Unit(is_hard=is_hard, is_diagonal=is_diagonal, applications_per_step=per_step)
    weights = drawn(3)
    x = torch.randn(5, 9, MAPS, dtype=torch.double, requires_grad=True)
    leaves = [x, *(tensor for each in weights for tensor in each)]
    saturation = torch.rand(5, dtype=torch.double) if is_hard else None
    layout = Ragged.of(LENGTHS)
    spread = None if saturation is None else layout.spread(saturation[layout.order])

    expected, expected_cost = written_out(x, weights, unit, saturation)
    state, cost = recur(layout.pack(x), layout, weights, unit, spread)
    found = layout.unpack(state)
    is_real = (torch.arange(9) < LENGTHS[:, None])[..., None]
    torch.testing.assert_close(found, expected * is_real)
    pull = torch.randn_like(found) * is_real
    gradients = torch.autograd.grad((found * pull).sum() + 2 * cost, leaves)
    wanted = torch.autograd.grad((expected * pull).sum() + 2 * expected_cost, leaves)
    torch.testing.assert_close(gradients, wanted)
    if is_hard:
        torch.testing.assert_close(cost, expected_cost)


def test_without_a_gradient_the_answer_is_the_same():
    weights, layout = drawn(1), Ragged.of(LENGTHS)
    packed = layout.pack(torch.randn(5, 9, MAPS, dtype=torch.double))
    expected, _ = recur(packed, layout, weights, Unit())
    with torch.no_grad():
        assert torch.equal(recur(packed, layout, weights, Unit())[0], expected)


@pytest.mark.parametrize("of_state", [True, False])
def test_dropout_leaves_its_share_and_its_gradient_is_that_of_the_function(of_state):
    weights, layout = drawn(1), Ragged.of(LENGTHS)
    x = 0.3 * torch.randn(5, 9, MAPS, dtype=torch.double)
    unit = Unit(is_hard=False, keep=1.0 if of_state else 0.75)
    keep_state = 1 - layout.spread(torch.full((5,), 0.25, dtype=torch.double)) if of_state else None

    def total(x: Tensor) -> Tensor:
        torch.manual_seed(7)
        state, _ = recur(layout.pack(x), layout, weights, unit, keep_state=keep_state)
        return layout.unpack(state).square().sum()

    without, _ = recur(layout.pack(x), layout, weights, Unit(is_hard=False))
    assert total(x).item() != pytest.approx(without.square().sum().item())
    leaf, direction, step = x.clone().requires_grad_(), torch.randn_like(x), 1e-6
    (gradient,) = torch.autograd.grad(total(leaf), leaf)
    slope = (total(x + step * direction) - total(x - step * direction)).item() / (2 * step)
    assert (gradient * direction).sum().item() == pytest.approx(slope, rel=1e-6)


def test_without_gradients_the_states_of_earlier_steps_are_not_kept(monkeypatch):
    layout, clone, copied = Ragged.of(LENGTHS), Tensor.clone, []

    def counted(self: Tensor) -> Tensor:
        copied.append(self)
        return clone(self)

    monkeypatch.setattr(Tensor, "clone", counted)
    state = layout.pack(torch.randn(len(LENGTHS), int(LENGTHS.max()), MAPS, dtype=torch.double))
    with torch.no_grad():
        recur(state, layout, drawn(1), Unit())
    without = len(copied)
    recur(state, layout, drawn(1), Unit())
    assert len(copied) - without == without + LENGTHS.max(), "one state more a step"
