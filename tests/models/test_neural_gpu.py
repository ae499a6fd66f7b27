from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from lengthwise.contracts import EOS, PAD, Batch
from lengthwise.models.neural_gpu import MASTERED, PULL, PULL_END, NeuralGPU, authors_code, base, paper, tiny


@pytest.fixture
def model(features) -> NeuralGPU:
    return replace(tiny(), num_maps=5, num_relaxed=2).build(features).double()


def saturating_sigmoid(x: torch.Tensor) -> torch.Tensor:
    return (1.2 * torch.sigmoid(x) - 0.1).clamp(0, 1)


def written_out(model: NeuralGPU, row: torch.Tensor, length: int) -> torch.Tensor:
    """The equations on a two-dimensional image, for one row: `[length, maps]`."""
    maps, sets = model.config.num_maps, 2 * model.config.num_relaxed
    image = torch.zeros(1, maps, length, model.config.width, dtype=torch.double)
    image[0, :, :, 0] = model.entry(model.embedding(F.pad(row, (0, length - len(row)))).tanh()).t()
    for number in range(2 * length):
        which = number % sets
        gates = F.conv2d(image, model.gates_weight[which].permute(3, 2, 0, 1), model.gates_bias[which], padding=1)
        reset, gate = saturating_sigmoid(gates + 1).split(maps, 1)
        weight = model.candidate_weight[which].permute(3, 2, 0, 1)
        candidate = F.conv2d(reset * image, weight, model.candidate_bias[which], padding=1).tanh()
        image = gate * image + (1 - gate) * candidate
    return image[0, :, :, 0].t()


def test_the_image_is_that_of_the_equations(model):
    torch.nn.init.normal_(model.gates_bias)
    torch.nn.init.normal_(model.candidate_bias)
    inputs = torch.tensor([[3, 4, 5, 6, EOS], [7, 8, EOS, PAD, PAD]])
    found = model.eval().run(inputs)
    for row, ids, length in ((0, inputs[0], 6), (1, inputs[1, :3], 4)):  # growth is n + 1
        torch.testing.assert_close(found[row, :length], written_out(model, ids, length))


def test_mastered_lengths_make_the_curriculum_longer_and_the_pull_stronger(model):
    model.error.fill_(MASTERED + 0.01)
    model.after_step(1.0, 1e-3, [])
    assert model.train_length == 6
    model.error.fill_(MASTERED - 0.01)
    model.after_step(1.0, 1e-3, [])
    assert model.train_length == 7
    assert model.pull.item() == pytest.approx(1.2 * PULL)
    model.after_step(1.0, 1e-3, [])
    assert model.train_length == 7, "the error of the new length is not known yet"


def test_the_relaxed_sets_become_one_when_the_pull_is_strong(model):
    assert model.spread_of_sets() > 0
    model.pull.fill_(PULL_END)
    model.after_step(1.0, 1e-3, [])
    assert model.spread_of_sets().item() == pytest.approx(0, abs=1e-12)


def seen(model: NeuralGPU, batch: Batch) -> None:
    statistics = {name: tensor.item() for name, tensor in model(batch).statistics.items()}
    model.after_step(1.0, 1e-3, [statistics])


def test_the_error_is_the_share_of_wrong_sequences(model, batch):
    model.error.fill_(0.9)
    seen(model.train(), batch)
    assert model.error.item() == pytest.approx(0.95 * 0.9 + 0.05)


def test_the_error_is_of_batches_as_long_as_the_curriculum(model, batch):
    seen(model.train(), batch)  # longest: 6 inputs, 7 targets
    model.error.fill_(0.9)
    model.length.fill_(9.0)
    seen(model, Batch(batch.inputs[1:2, :4], batch.targets[1:2, :4]))
    assert model.error.item() == pytest.approx(0.9)
    seen(model, batch)
    assert model.error.item() == pytest.approx(0.95 * 0.9 + 0.05), "as long as examples get"


def test_without_a_curriculum_all_lengths_are_trained_on(features):
    assert replace(tiny(), has_curriculum=False).build(features).train_length is None


def test_paper_is_the_published_image():
    assert (paper().width, paper().num_maps, paper().num_relaxed) == (4, 24, 6) and paper() == base()
    assert authors_code().num_maps == 128
