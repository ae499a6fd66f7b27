import numpy as np
import pytest
import torch

from lengthwise.contracts import Batch, Feature, Features
from lengthwise.evaluation.by_position import _edges
from lengthwise.losses import position_losses, sequence_loss
from lengthwise.models.decoder import DecoderConfig


@pytest.mark.parametrize(
    ("longest", "edges"), [(1, [0, 1]), (2, [0, 1, 2]), (5, [0, 1, 2, 4, 5]), (8, [0, 1, 2, 4, 8])]
)
def test_bins_are_twice_as_wide_each_and_end_with_the_longest_row(longest, edges):
    assert np.array_equal(_edges(longest), edges)


def test_losses_by_position_sum_up_to_the_loss():
    model = DecoderConfig(d_model=16, d_ff=16, num_heads=2, num_key_heads=1, num_layers=1).build(
        Features(inputs=None, targets=Feature(size=9))
    )
    batch = Batch(None, torch.tensor([[3, 4, 5, 1], [6, 1, 0, 0]]))
    output = model(batch)
    losses = position_losses(output, batch)
    assert losses[1, 2:].tolist() == [0, 0] and bool((losses[batch.targets != 0] > 0).all())
    torch.testing.assert_close(losses.sum(), sequence_loss(output, batch).nll)
