from dataclasses import replace

import pytest
import torch

from lengthwise.contracts import PAD, START, Batch, Model
from lengthwise.layers.positions import Scheme
from lengthwise.layers.recurrence_in_depth import RecurrenceInDepth
from lengthwise.models.universal_transformer import UniversalDecoder, UniversalTransformer, adaptive, paper, tiny

SMALL = {"d_model": 16, "d_ff": 24, "num_heads": 2, "num_steps": 3}
SCHEMES = Scheme.__args__


def built(features, **changes: object) -> UniversalTransformer | UniversalDecoder:
    """A small model in which halting differs from position to position."""
    changes.setdefault("has_encoder", changes.get("positions") != "none")
    model = replace(tiny(), **{**SMALL, **changes}).build(features).double()
    for side in model.modules():
        if not isinstance(side, RecurrenceInDepth):
            continue
        if side.halting is not None:
            torch.nn.init.normal_(side.halting.dense.weight, std=0.5)
            torch.nn.init.constant_(side.halting.dense.bias, -1.0)
    if model.positions.biases is not None:
        torch.nn.init.normal_(model.positions.biases.weight)
    return model.eval()


@pytest.mark.parametrize("halting", ["none", "interpolation", "sum"])
@pytest.mark.parametrize("positions", SCHEMES)
def test_stepwise_equals_all_at_once(features, batch, halting, positions):
    model = built(features, halting=halting, positions=positions)
    expected = model(batch).logits
    state = model.start(batch.inputs, batch.targets.shape[1])
    tokens = torch.full((len(batch.targets),), START)
    for position in range(batch.targets.shape[1]):
        torch.testing.assert_close(model.step(tokens, state), expected[:, position])
        tokens = batch.targets[:, position]


@pytest.mark.parametrize("halting", ["none", "interpolation"])
def test_reordered_rows_go_on_as_their_ancestors_would(features, batch, halting):
    model = built(features, halting=halting, positions="coupled")
    state = model.start(batch.inputs, 6)
    model.step(torch.full((3,), START), state)
    state.reorder(torch.tensor([2, 0]))
    found = model.step(batch.targets[[2, 0], 0], state)
    torch.testing.assert_close(found, model(batch).logits[[2, 0], 1])


def test_without_halting_every_step_applies_the_same_block(features, batch):
    model = built(features)
    count = sum(p.numel() for p in model.parameters())
    deeper = built(features, num_steps=6)
    # Only the step embeddings of both sides grow.
    assert sum(p.numel() for p in deeper.parameters()) - count == 2 * 3 * SMALL["d_model"]


def mean_ponder(model: Model, batch: Batch) -> float:
    """Of inputs and of targets."""
    losses = model(batch).aux_losses.values()
    return sum(loss.total.item() / getattr(batch.counts, loss.unit) for loss in losses)


def test_the_ponder_cost_counts_real_positions_and_weighs_little(features, batch):
    model = built(features, halting="interpolation")
    cost = mean_ponder(model, batch) / model.config.ponder_weight
    assert 2 * 1 < cost < 2 * (model.config.max_steps + 1)
    wider = Batch(torch.nn.functional.pad(batch.inputs, (0, 3), value=PAD), batch.targets)
    assert mean_ponder(model, wider) == pytest.approx(mean_ponder(model, batch))


def test_adaptive_computation_may_take_twice_the_steps():
    assert adaptive().max_steps == 2 * tiny().max_steps
    assert (paper().d_model, paper().num_heads, paper().num_steps) == (1024, 16, 6)


def test_steps_must_be_at_least_one():
    with pytest.raises(ValueError, match="`model.num_steps` must be at least 1"):
        replace(tiny(), num_steps=0)
