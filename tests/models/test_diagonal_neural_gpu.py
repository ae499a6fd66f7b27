from dataclasses import replace

import pytest
import torch

from lengthwise.contracts import EOS, PAD, Batch, Feature, Features
from lengthwise.models.diagonal_neural_gpu import (
    MAX_SATURATION_WEIGHT,
    SATURATION_WINDOW,
    DiagonalNeuralGPU,
    base,
    lengths_of,
    paper,
    tiny,
)


@pytest.fixture
def model(features) -> DiagonalNeuralGPU:
    return replace(tiny(), num_maps=12).build(features)


def test_an_example_has_as_many_positions_as_its_longer_side_can_have():
    inputs = torch.tensor([[5, 6, 7, EOS], [5, EOS, PAD, PAD]])
    assert lengths_of(inputs, (1, 0)).tolist() == [4, 2]
    assert lengths_of(inputs, (2, 1)).tolist() == [8, 4]
    assert lengths_of(inputs, (0, 1)).tolist() == [4, 2]


def test_the_answer_to_a_row_does_not_depend_on_the_rows_beside_it(model):
    model.eval()
    inputs = torch.tensor([[5, 6, 7, 8, EOS], [5, 9, EOS, PAD, PAD]])
    alone, _ = model.run(inputs[1:, :3])
    together, _ = model.run(inputs)
    torch.testing.assert_close(together[1, : alone.shape[1]], alone[0])


def test_its_predictions_are_the_likeliest_tokens(model, batch):
    model.eval()
    likeliest = model(batch).logits.argmax(-1)
    assert torch.equal(
        model.predict(batch.inputs)[:, : likeliest.shape[1]], likeliest[:, : model.predict(batch.inputs).shape[1]]
    )


def test_the_weight_of_the_saturation_cost_follows_the_loss_once_a_window(model, batch):
    for step in range(SATURATION_WINDOW):
        assert model.saturation_weight.item() == pytest.approx(MAX_SATURATION_WEIGHT)
        seen = [{"saturation": 1.5, "sequences": 2.0}, {"saturation": 0.0, "sequences": 1.0}]
        if step < 2:
            seen = [{name: tensor.item() for name, tensor in model(batch).statistics.items()}]
        model.after_step(1e-3, 0.01, seen)
    assert 1e-20 <= model.saturation_weight.item() < MAX_SATURATION_WEIGHT
    assert model.saturation_sums.tolist() == [0, 0, 0]


def test_the_saturation_cost_is_a_part_of_the_loss_in_training_only(model, batch):
    assert model(batch).aux_losses["saturation"].total.item() > 0
    assert model.eval()(batch).aux_losses == {}


def test_targets_of_unknown_length_are_refused_with_the_reason():
    side = Feature(size=9)
    features = Features(inputs=side, targets=side, is_shared=True)
    assert "length must follow from the inputs'" in str(base().refuses(features))


def test_the_published_setting_trains_all_nine_bins():
    assert paper().training_defaults()["batch.lengths"] == (8, 12, 16, 20, 25, 28, 31, 36, 41)
    assert paper().training_defaults()["train.schedule.name"] == "plateau"
    assert paper().dropout == 0.5


@pytest.mark.parametrize(
    ("change", "message"), [({"num_maps": 2}, "must be at least 3"), ({"dropout": 1.0}, "below 1")]
)
def test_impossible_sizes_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(tiny(), **change)


def test_targets_longer_than_their_bound_are_answered_with_nothing(model):
    inputs = torch.tensor([[5, EOS]])
    batch = Batch(inputs, torch.tensor([[5, 6, 7, 8, EOS]]))
    assert model.eval()(batch).hidden[0, 3:].abs().sum() == 0


def test_its_gates_begin_as_they_are_told(features):
    model = replace(tiny(), gates_start=-0.5).build(features)
    assert (model.gates_bias == -0.5).all()
