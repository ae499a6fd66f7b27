import pytest
import torch
from torch import nn

from lengthwise.training.adafactor import Adafactor


def parameters() -> list[nn.Parameter]:
    generator = torch.Generator().manual_seed(0)
    shapes = [(5, 3), (4,), (2, 3, 4), (1, 6)]
    return [nn.Parameter(torch.randn(shape, generator=generator, dtype=torch.double)) for shape in shapes]


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("learning_rate", [0.01, 0.5])
def test_it_is_torchs_rule(learning_rate: float, weight_decay: float):
    ours, theirs = parameters(), parameters()
    rule = Adafactor([{"params": ours, "weight_decay": weight_decay}], learning_rate)
    reference = torch.optim.Adafactor(theirs, lr=learning_rate, weight_decay=weight_decay)
    generator = torch.Generator().manual_seed(1)
    for _ in range(5):
        for one, other in zip(ours, theirs, strict=True):
            one.grad = torch.randn(one.shape, generator=generator, dtype=torch.double)
            other.grad = one.grad.clone()
        rule.step()
        reference.step()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)


def test_it_remembers_rows_and_columns_in_place_of_a_matrix():
    parameter = nn.Parameter(torch.ones(50, 30))
    rule = Adafactor([{"params": [parameter]}], 0.1)
    parameter.grad = torch.ones(50, 30)
    rule.step()
    assert sum(tensor.numel() for tensor in rule.state[parameter].values()) == 50 + 30 + 1


def test_a_parameter_without_a_gradient_stays():
    parameter = nn.Parameter(torch.ones(3))
    Adafactor([{"params": [parameter]}], 0.1).step()
    assert torch.equal(parameter, torch.ones(3))
