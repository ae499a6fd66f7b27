import pytest
import torch
from torch import Tensor, nn

from lengthwise.training.muon import Muon, orthogonalize


def with_singular_values(values: Tensor, rows: int, columns: int) -> Tensor:
    left = torch.linalg.qr(torch.randn(rows, rows))[0]
    right = torch.linalg.qr(torch.randn(columns, columns))[0]
    return left @ torch.diag(values) @ right[:rows]


@pytest.mark.parametrize("num_iterations, low, high", [(3, 0.45, 1.6), (4, 0.75, 1.3), (5, 0.8, 1.2)])
def test_singular_values_come_near_one(num_iterations: int, low: float, high: float):
    matrices = torch.stack([with_singular_values(torch.logspace(-1.7, 0, 32), 32, 64) * size for size in (1e-12, 1.0)])
    values = torch.linalg.svdvals(orthogonalize(matrices, num_iterations).float())
    assert values.min() > low
    assert values.max() < high


def test_orthogonalized_matrices_keep_their_singular_vectors():
    matrix = with_singular_values(torch.linspace(0.2, 1, 32), 32, 32)
    u, _, v = torch.linalg.svd(matrix)
    got = orthogonalize(matrix[None], 5)[0].float()
    assert torch.nn.functional.cosine_similarity(got.flatten(), (u @ v).flatten(), dim=0) > 0.97


def test_a_zero_matrix_stays_zero():
    assert orthogonalize(torch.zeros(2, 4, 8)).eq(0).all()


def parameters(*shapes: tuple[int, int]) -> dict[str, nn.Parameter]:
    made = {str(index): nn.Parameter(torch.randn(shape)) for index, shape in enumerate(shapes)}
    for parameter in made.values():
        parameter.grad = torch.randn_like(parameter)
    return made


def moved(made: dict[str, nn.Parameter], num_blocks: dict[str, int], **values: object) -> dict[str, Tensor]:
    before = {name: parameter.detach().clone() for name, parameter in made.items()}
    muon = Muon(made, num_blocks, **values)  # pyright: ignore[reportArgumentType]
    muon.learning_rate = 0.1
    muon.step()
    return {name: before[name] - parameter.detach() for name, parameter in made.items()}


def test_an_update_is_the_orthogonalized_gradient_scaled_by_shape():
    made = parameters((16, 16), (32, 16), (16, 32))
    for name, update in moved(made, {}).items():
        wide = update.T if update.shape[0] > update.shape[1] else update
        gradient = made[name].grad
        assert gradient is not None
        gradient = gradient.T if update.shape[0] > update.shape[1] else gradient
        scale = max(1.0, update.shape[0] / update.shape[1]) ** 0.5
        torch.testing.assert_close(wide, 0.1 * scale * orthogonalize(gradient[None])[0].float(), rtol=0.05, atol=0.003)


def test_the_parts_of_a_fused_matrix_move_as_if_they_were_apart():
    fused = parameters((48, 16))
    gradient = fused["0"].grad
    assert gradient is not None
    apart = {str(i): nn.Parameter(part.clone()) for i, part in enumerate(fused["0"].detach().split(16))}
    for parameter, part in zip(apart.values(), gradient.split(16), strict=True):
        parameter.grad = part
    expected = torch.cat(list(moved(apart, {}).values()))
    assert torch.equal(moved(fused, {"0": 3})["0"], expected)


def test_parts_that_do_not_divide_the_rows_are_refused():
    with pytest.raises(ValueError, match="must divide its 10 rows, but is 3"):
        Muon(parameters((10, 4)), {"0": 3})


def test_weight_decay_shrinks_towards_zero():
    made = parameters((8, 8))
    made["0"].grad = torch.zeros(8, 8)
    before = made["0"].detach().clone()
    torch.testing.assert_close(moved(made, {}, weight_decay=0.5)["0"], before * 0.05)


def test_momentum_is_nesterovs():
    made = parameters((8, 8))
    muon = Muon(made, {}, momentum=0.9)
    gradients = [torch.randn(8, 8) for _ in range(3)]
    buffer = torch.zeros(8, 8)
    for gradient in gradients:
        made["0"].grad = gradient
        before = made["0"].detach().clone()
        muon.learning_rate = 1.0
        muon.step()
        buffer = 0.9 * buffer + 0.1 * gradient
        expected = orthogonalize((0.1 * gradient + 0.9 * buffer)[None])[0].float()
        torch.testing.assert_close(before - made["0"].detach(), expected, rtol=0.1, atol=0.05)


@pytest.mark.parametrize("refresh_every", [1, 2])
def test_a_restored_state_continues_bit_by_bit(refresh_every: int):
    torch.manual_seed(1)
    made = parameters((8, 8), (8, 8), (16, 8), (16, 4))
    muon = Muon(made, {}, refresh_every=refresh_every)
    muon.learning_rate = 0.1
    muon.step()
    copied = {name: nn.Parameter(parameter.detach().clone()) for name, parameter in made.items()}
    other = Muon(copied, {}, refresh_every=refresh_every)
    other.learning_rate = 0.1
    # As a checkpoint is read: into the memory that the other one gives.
    room = other.state()
    for name, tensor in muon.state().items():
        room[name].copy_(tensor)
    other.load_state(room)
    for _ in range(3):
        for name, parameter in made.items():
            parameter.grad = torch.randn_like(parameter)
            copied[name].grad = parameter.grad.clone()
        muon.step()
        other.step()
    assert all(torch.equal(made[name], copied[name]) for name in made)


def test_staggered_blocks_are_refreshed_in_turn_and_all_at_first():
    made = parameters((8, 8), (8, 8))
    muon = Muon(made, {}, refresh_every=2)
    updates = []
    for _ in range(3):
        for parameter in made.values():
            parameter.grad = torch.randn(8, 8)
        muon.step()
        updates.append(torch.stack([muon.state()[f"{name}/update"].clone() for name in made]))
    is_new = [[not torch.equal(updates[step][i], updates[step - 1][i]) for i in range(2)] for step in (1, 2)]
    assert updates[0].abs().amax((1, 2)).gt(0).all()
    assert is_new == [[False, True], [True, False]]
