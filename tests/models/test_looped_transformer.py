from dataclasses import replace

import pytest
import torch

from lengthwise.contracts import EOS, PAD, Batch
from lengthwise.models.looped_transformer import LoopedTransformer, base, tiny


@pytest.fixture
def model(features) -> LoopedTransformer:
    return replace(tiny(), d_model=16, d_ff=24, num_heads=2).build(features).double().eval()


def written_out(model: LoopedTransformer, row: torch.Tensor) -> torch.Tensor:
    """One row without padding: inputs and blanks, a loop per token and one more, what stands in the blanks."""
    num_tokens = len(row) - 1
    num_blanks = num_tokens + 2  # the tests' growth is n + 1, and EOS
    read = torch.cat([model.embedding(row), model.blank.expand(num_blanks, -1)])[None]
    from lengthwise.layers.masks import Mask
    from lengthwise.layers.positions import NO_RELATION

    state = torch.zeros_like(read)
    for _ in range(num_tokens + model.config.extra_loops):
        state = model.layers[0](state + read, Mask(is_causal=True), NO_RELATION)
    return model.norm(state[0, len(row) :])


def test_rows_loop_by_their_own_length_whatever_stands_beside_them(model):
    inputs = torch.tensor([[5, 6, 7, 8, EOS], [5, 9, EOS, PAD, PAD]])
    found = model.run(inputs)
    torch.testing.assert_close(found[0], written_out(model, inputs[0]))
    torch.testing.assert_close(found[1, :4], written_out(model, inputs[1, :3]))
    assert found[1, 4:].abs().sum() == 0


def test_targets_are_not_read(model, batch):
    other = Batch(batch.inputs, batch.targets.flip(0))
    assert torch.equal(model(batch).hidden, model(other).hidden)


def test_layers_and_loops_must_be_possible():
    with pytest.raises(ValueError, match="`model.num_layers` must be at least 1"):
        replace(base(), num_layers=0)
