from dataclasses import replace

import pytest
import torch

from lengthwise.contracts import START, Batch, Feature, Features
from lengthwise.decoding.beam import beam_search
from lengthwise.decoding.greedy import greedy
from lengthwise.evaluation.evaluate import for_decoding
from lengthwise.losses import sequence_loss
from lengthwise.models.recurrent import Recurrent, RecurrentConfig, base, tiny, tiny_gru
from lengthwise.runtime import Runtime

SMALL = {"d_model": 16, "num_encoder_layers": 2, "num_decoder_layers": 2, "dropout": 0.0}
BF16 = Runtime(device=torch.device("cpu"), compute_dtype=torch.bfloat16, seed=0)


def small(features: Features, config: RecurrentConfig | None = None, **changes: object) -> Recurrent:
    torch.manual_seed(0)
    return replace(config or tiny(), **{**SMALL, **changes}).build(features).eval()


def size_of(config: RecurrentConfig) -> float:
    features = Features(inputs=Feature(size=8000), targets=Feature(size=8000), is_shared=True)
    with torch.device("meta"):
        return sum(p.numel() for p in config.build(features).parameters()) / 1e6


def test_presets_have_the_sizes_that_they_are_compared_at():
    assert 3 < size_of(tiny()) < 4
    assert 10 < size_of(base()) < 16


def test_attention_is_luongs(features, batch):
    """Section 3.1: scores hᵀWs, weights their softmax, output tanh(W [context; h])."""
    model = small(features, num_decoder_layers=1).double()
    inputs = batch.inputs[1:2, :4]
    row = Batch(inputs, batch.targets[1:2])
    memory, _, (starts,) = model.encode(inputs)
    tokens = torch.cat([torch.tensor([[START]]), row.targets[:, :-1]], dim=1)
    h = model.decoder[0](model.target_embedding(tokens) * 4, starts)[0]
    weights = (h @ model.queries.weight.T @ memory[0].T / 4).softmax(-1)
    expected = (torch.cat([weights @ memory[0], h], -1) @ model.combine.weight.T).tanh()
    torch.testing.assert_close(model(row).hidden[0], expected)


@pytest.mark.parametrize("config", [tiny(), tiny_gru()])
def test_the_decoder_starts_from_where_each_direction_has_read_everything(features, batch, config):
    model = small(features, config, num_encoder_layers=1).double()
    inputs = batch.inputs[1:2]
    memory, _, starts = model.encode(inputs)
    ends = torch.cat([memory[0, 3, :8], memory[0, 0, 8:]])
    found = torch.cat([state[0] for states in starts for state in states])
    torch.testing.assert_close(found, model.bridge(ends).tanh())


@pytest.mark.parametrize("config", [tiny(), tiny_gru()])
def test_with_input_feeding_stepwise_equals_all_at_once_too(features, batch, config):
    model = small(features, config, use_input_feeding=True).double()
    expected = model(batch).logits
    state, tokens = model.start(batch.inputs, 6), torch.full((3,), START)
    for position in range(batch.targets.shape[1]):
        torch.testing.assert_close(model.step(tokens, state), expected[:, position])
        tokens = batch.targets[:, position]


def test_with_input_feeding_the_last_output_counts(features, batch):
    model = small(features, use_input_feeding=True)
    state, tokens = model.start(batch.inputs, 2), torch.full((3,), START)
    state.last = torch.ones_like(state.last)
    assert not torch.allclose(model.step(tokens, state), model.step(tokens, model.start(batch.inputs, 2)))


@pytest.mark.parametrize("order", [[0, 0, 1, 1, 2, 2], [2, 0], [1, 1, 0, 2, 1]])
@pytest.mark.parametrize("config", [tiny(), tiny_gru(), replace(tiny(), use_input_feeding=True)])
def test_rows_continue_the_rows_that_they_are_told_to(features, batch, config, order):
    model, rows = small(features, config).double(), torch.tensor(order)
    expected = model(batch).logits
    state = model.start(batch.inputs, 4)
    model.step(torch.full((3,), START), state)
    model.step(batch.targets[:, 0], state)
    state.reorder(rows)
    torch.testing.assert_close(model.step(batch.targets[rows, 1], state), expected[rows, 2])


def test_a_beam_of_one_is_greedy(features, batch):
    model, limits = small(features), torch.full((3,), 8)
    found = [hypothesis.tokens for hypothesis in beam_search(model, batch.inputs, limits, beam=1)]
    assert found == [hypothesis.tokens for hypothesis in greedy(model, batch.inputs, limits)]


@pytest.mark.parametrize("config", [tiny(), tiny_gru(), replace(tiny(), use_input_feeding=True)])
def test_in_bf16_it_trains_and_decodes_near_the_exact_answer(features, batch, config):
    model = small(features, config)
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
    assert isinstance(cast, Recurrent)
    logits = cast.step(torch.full((3,), START), cast.start(batch.inputs, 4))
    torch.testing.assert_close(logits.float(), expected[:, 0], atol=0.1, rtol=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"d_model": 5}, "`model.d_model` must be even"),
        ({"num_decoder_layers": 0}, "`model.num_decoder_layers` must be at least 1"),
        ({"dropout": 1.0}, "`model.dropout` must be"),
    ],
)
def test_impossible_sizes_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(tiny(), **change)
