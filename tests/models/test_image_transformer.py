from dataclasses import replace

import pytest
from kinds import KINDS, shrunk

from lengthwise.contracts import Feature, Features
from lengthwise.losses import sequence_loss
from lengthwise.models import image_transformer

FEATURES = KINDS["class to image"].features


def test_what_it_cannot_do_is_refused_with_the_reason():
    config = image_transformer.tiny()
    words = Features(inputs=Feature(size=9), targets=FEATURES.targets)
    assert "must be a label, but are tokens" in str(config.refuses(words))
    assert "must be pixels, but are tokens" in str(config.refuses(replace(FEATURES, targets=Feature(size=9))))
    odd = replace(FEATURES, targets=replace(FEATURES.targets, shape=(7, 7, 1)))
    assert "`model.block_rows` must divide images of 7 x 7, but is 4" in str(config.refuses(odd))
    with pytest.raises(ValueError, match="`model.num_heads` must divide"):
        replace(config, num_heads=3)


@pytest.mark.parametrize("columns", [0, 2])
def test_a_mixture_of_intensities_learns(columns: int):
    import torch

    torch.manual_seed(0)
    config = replace(shrunk("image_transformer.tiny"), distribution="logistic", block_columns=columns)
    model, batch = config.build(FEATURES), KINDS["class to image"].batch(rows=2)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        summed = sequence_loss(model(batch), batch)
        summed.total.div(summed.num_tokens).backward()
        optimizer.step()
        losses.append(summed.nll.item() / summed.num_tokens)
    assert losses[-1] < 0.75 * losses[0]


def test_smoothing_of_a_mixture_is_refused():
    config = replace(shrunk("image_transformer.tiny"), distribution="logistic")
    batch = KINDS["class to image"].batch()
    with pytest.raises(ValueError, match="`train.label_smoothing` must be 0 for a IntensityMixture, but is 0.1"):
        sequence_loss(config.build(FEATURES)(batch), batch, 0.1)
