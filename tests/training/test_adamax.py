import pytest
import torch

from lengthwise.training.adamax import ClippedAdaMax


def moved(gradients: list[float], betas: tuple[float, float] = (0.9, 0.9995)) -> list[float]:
    """Where one parameter stands after each gradient, at a learning rate of 0.1."""
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = ClippedAdaMax([{"params": [parameter]}], 0.1, betas)
    places = []
    for gradient in gradients:
        parameter.grad = torch.tensor([gradient])
        optimizer.step()
        places.append(parameter.item())
    return places


def test_the_first_steps_are_those_of_the_formula():
    # Means .1·2 and .9·.2 + .1·1; largest 2 and .99·2 (the norm forgets a hundredth a step at first).
    first = -0.1 * 0.2 / 2
    second = first - 0.1 * (0.9 * 0.2 + 0.1 * 1) / (0.99 * 2)
    assert moved([2.0, 1.0]) == pytest.approx([first, second], rel=1e-5)


def test_a_sudden_gradient_is_clipped_to_a_fifth_more_than_the_largest_of_late():
    assert moved([1.0, 1000.0]) == pytest.approx(moved([1.0, 1.2001]), rel=1e-5)


def test_the_norm_forgets_ever_more_slowly():
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = ClippedAdaMax([{"params": [parameter]}], 0.0, (0.9, 0.9995))
    kept = []
    for step in range(4001):
        parameter.grad = torch.tensor([1.0 if step in (0, 4000 - 1) else 0.0])
        before = optimizer.state[parameter]["exp_inf"].item() if step else 1.0
        optimizer.step()
        kept.append(optimizer.state[parameter]["exp_inf"].item() / before)
    assert kept[1] == pytest.approx(0.99, abs=1e-4)
    assert kept[2001] == pytest.approx(0.995, abs=1e-4)
    assert min(kept[3000:3990]) > 0.996
