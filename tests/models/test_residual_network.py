from dataclasses import replace

import pytest
import torch

from lengthwise import catalog
from lengthwise.contracts import Feature, Features
from lengthwise.losses import sequence_loss
from lengthwise.models import residual_network

PRESETS = [name for name in catalog.names("models") if name.startswith("residual_network.") and "base" not in name]


@pytest.mark.parametrize("name", PRESETS)
def test_it_learns_which_half_is_bright(name, image_features, bright_halves):
    torch.manual_seed(0)
    model, batch = catalog.find("models", name)().build(image_features), bright_halves
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for _ in range(30):
        summed = sequence_loss(model(batch), batch)
        (summed.total / summed.num_tokens).backward()
        optimizer.step()
        optimizer.zero_grad()
    assert torch.equal(model.eval().predict(batch.inputs), batch.targets)


def test_examples_of_a_batch_do_not_see_each_other(image_features, bright_halves):
    torch.manual_seed(0)
    model, batch = residual_network.tiny().build(image_features).eval(), bright_halves
    torch.nn.init.normal_(model.head.weight)
    torch.testing.assert_close(model(batch).logits[1], model(batch.taken(torch.tensor([1]))).logits[0])


def test_gradients_reach_every_parameter(image_features, bright_halves):
    model, batch = residual_network.tiny().build(image_features), bright_halves
    torch.nn.init.normal_(model.head.weight)
    sequence_loss(model(batch), batch).total.backward()
    assert [name for name, each in model.named_parameters() if each.grad is None or not each.grad.any()] == []


def test_other_problems_are_refused(image_features):
    tokens = Features(inputs=Feature(size=9), targets=Feature(size=9))
    assert "must be of kind image, but are of kind tokens" in str(residual_network.tiny().refuses(tokens))
    words = replace(image_features, targets=Feature(size=9))
    assert "must be of kind label" in str(residual_network.tiny().refuses(words))
