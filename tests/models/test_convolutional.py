from dataclasses import replace

import pytest
import torch

from lengthwise.contracts import START, Batch, Feature, Features
from lengthwise.decoding.beam import beam_search
from lengthwise.decoding.greedy import greedy
from lengthwise.evaluation.evaluate import for_decoding
from lengthwise.layers.convolution import DepthwiseConvolution
from lengthwise.losses import sequence_loss
from lengthwise.models.convolutional import Convolutional, ConvolutionalConfig, base, tiny
from lengthwise.runtime import Runtime
from lengthwise.training.optimizers import parameter_roles

SMALL = {
    "d_model": 16, "d_ff": 24, "num_heads": 2, "num_encoder_layers": 2, "num_decoder_layers": 2, "dropout": 0.0
}  # fmt: skip
BF16 = Runtime(device=torch.device("cpu"), compute_dtype=torch.bfloat16, seed=0)


def small(features: Features, **changes: object) -> Convolutional:
    torch.manual_seed(0)
    return replace(tiny(), **{**SMALL, **changes}).build(features).eval()


def size_of(config: ConvolutionalConfig) -> float:
    features = Features(inputs=Feature(size=8000), targets=Feature(size=8000), is_shared=True)
    with torch.device("meta"):
        return sum(p.numel() for p in config.build(features).parameters()) / 1e6


def test_presets_have_the_sizes_that_they_are_compared_at():
    assert 3 < size_of(tiny()) < 4.5
    assert 25 < size_of(base()) < 40


def test_dilations_are_taken_in_turn(features):
    model = small(features, num_encoder_layers=6, dilations=(1, 2, 4))
    filters = [module for module in model.encoder.modules() if isinstance(module, DepthwiseConvolution)]
    assert [each.dilation for each in filters] == [1, 2, 4, 1, 2, 4]


def test_a_position_sees_as_far_as_kernels_and_dilations_reach(features):
    model = small(features, num_encoder_layers=2, kernel_size=3, dilations=(1, 2), use_positions=False).double()
    before = torch.full((1, 11), 5)
    after = before.clone()
    after[0, 5] = 7
    change = (model.encode(before)[0] - model.encode(after)[0])[0].abs().amax(-1)
    assert (change > 1e-9).nonzero().flatten().tolist() == [2, 3, 4, 5, 6, 7, 8]


def test_without_positions_only_the_neighbourhood_tells_where_a_token_stands(features):
    tokens = torch.full((1, 40), 5)
    inner = slice(10, 30)
    memory = small(features, use_positions=False).double().encode(tokens)[0][0, inner]
    torch.testing.assert_close(memory, memory[:1].expand_as(memory))
    memory = small(features).double().encode(tokens)[0][0, inner]
    assert not torch.allclose(memory, memory[:1].expand_as(memory))


def test_sequences_longer_than_any_before_have_positions(features):
    tokens = torch.randint(3, 23, (1, 1500))
    assert small(features)(Batch(tokens, tokens)).hidden.shape == (1, 1500, 16)


@pytest.mark.parametrize("order", [[0, 0, 1, 1, 2, 2], [2, 0], [1, 1, 0, 2, 1]])
def test_rows_continue_the_rows_that_they_are_told_to(features, batch, order):
    model, rows = small(features).double(), torch.tensor(order)
    expected = model(batch).logits
    state = model.start(batch.inputs, 4)
    model.step(torch.full((3,), START), state)
    model.step(batch.targets[:, 0], state)
    state.reorder(rows)
    torch.testing.assert_close(model.step(batch.targets[rows, 1], state), expected[rows, 2])


def test_steps_equal_all_at_once_where_the_rings_have_gone_round(features):
    model = small(features, dilations=(1, 2)).double()
    inputs, targets = torch.randint(3, 23, (2, 5)), torch.randint(3, 23, (2, 40))
    expected = model(Batch(inputs, targets)).logits
    state, tokens = model.start(inputs, 40), torch.full((2,), START)
    for position in range(40):
        torch.testing.assert_close(model.step(tokens, state), expected[:, position])
        tokens = targets[:, position]


def test_a_beam_of_one_is_greedy(features, batch):
    model, limits = small(features), torch.full((3,), 8)
    found = [hypothesis.tokens for hypothesis in beam_search(model, batch.inputs, limits, beam=1)]
    assert found == [hypothesis.tokens for hypothesis in greedy(model, batch.inputs, limits)]


def test_in_bf16_it_trains_and_decodes_near_the_exact_answer(features, batch):
    model = small(features)
    expected = model(batch).logits
    with BF16.autocast():
        output = model(batch)
        logits = output.logits
        loss = sequence_loss(output, batch)
    loss.total.backward()
    assert output.hidden.dtype == torch.bfloat16
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    torch.testing.assert_close(logits.float(), expected, atol=0.1, rtol=0.1)
    cast = for_decoding(model, BF16)
    assert isinstance(cast, Convolutional)
    logits = cast.step(torch.full((3,), START), cast.start(batch.inputs, 4))
    torch.testing.assert_close(logits.float(), expected[:, 0], atol=0.1, rtol=0.1)


def test_muon_takes_the_pointwise_matrices_and_leaves_the_filters(features):
    roles = parameter_roles(small(features))
    assert roles["encoder.0.pointwise.inner.weight"] == roles["decoder.1.attention.output.weight"] == "matrix"
    assert roles["encoder.0.depthwise.weight"] == "tensor"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_heads": 5}, "`model.num_heads` must divide"),
        ({"kernel_size": 4}, "`model.kernel_size` must be odd"),
        ({"dilations": ()}, "`model.dilations` must be one or more"),
        ({"dropout": 1.0}, "`model.dropout` must be"),
    ],
)
def test_impossible_sizes_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(tiny(), **change)
