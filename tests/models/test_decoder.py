from dataclasses import replace

import pytest
import torch
from torch.nn.functional import pad

from lengthwise.contracts import START, Batch, Features
from lengthwise.losses import sequence_loss
from lengthwise.models.decoder import DecoderConfig, tiny

SMALL = replace(tiny(), d_model=32, d_ff=48, num_layers=2)
VARIANTS = {
    "default": SMALL,
    "fewer heads of keys": replace(SMALL, num_key_heads=2),
    "one head of keys": replace(SMALL, num_key_heads=1),
    "as GPT-2": replace(
        SMALL, norm="layer", feed_forward="gelu", positions="learned", use_bias=True, use_qk_norm=False
    ),
    "biases by distance": replace(SMALL, positions="alibi", num_key_heads=2),
    "learned distances": replace(SMALL, positions="relative"),
    "no positions": replace(SMALL, positions="none"),
    "sinusoids": replace(SMALL, positions="sinusoid", is_tied=False),
}


@pytest.fixture
def alone(features) -> Features:
    return replace(features, inputs=None)


@pytest.fixture(params=VARIANTS)
def decoder(request, alone):
    torch.manual_seed(0)
    return VARIANTS[request.param].build(alone).double().eval()


def test_stepwise_equals_all_at_once_without_inputs(decoder, batch):
    expected = decoder(Batch(None, batch.targets)).logits
    state = decoder.start(None, 9)
    tokens = torch.full((len(batch.targets),), START)
    # One row begins; the others are its continuations.
    state.reorder(torch.zeros(len(tokens), dtype=torch.long))
    for position in range(batch.targets.shape[1]):
        torch.testing.assert_close(decoder.step(tokens, state), expected[:, position])
        tokens = batch.targets[:, position]


def test_stepwise_equals_all_at_once_behind_inputs(features, batch):
    for config in VARIANTS.values():
        decoder = config.build(features).double().eval()
        expected, state = decoder(batch).logits, decoder.start(batch.inputs, 9)
        tokens = torch.full((len(batch.targets),), START)
        for position in range(batch.targets.shape[1]):
            torch.testing.assert_close(decoder.step(tokens, state), expected[:, position])
            tokens = batch.targets[:, position]


def packed_row(batch: Batch) -> Batch:
    """All targets as documents of one row, padded."""
    rows = [row[row != 0] for row in batch.targets]
    documents = torch.cat([torch.full_like(row, number) for number, row in enumerate(rows, start=1)])
    return Batch(None, pad(torch.cat(rows)[None], (0, 2)), documents=pad(documents[None], (0, 2)))


def test_a_document_has_the_same_answer_in_a_row_with_others(decoder, batch):
    separate = decoder(Batch(None, batch.targets)).logits
    together = decoder(packed_row(batch)).logits[0]
    expected = torch.cat([logits[row != 0] for logits, row in zip(separate, batch.targets, strict=True)])
    torch.testing.assert_close(together[: len(expected)], expected)


def test_the_loss_of_packed_documents_is_that_of_separate_ones(decoder, batch):
    one = sequence_loss(decoder(Batch(None, batch.targets)), Batch(None, batch.targets))
    row = packed_row(batch)
    other = sequence_loss(decoder(row), row)
    assert one.num_tokens == other.num_tokens
    torch.testing.assert_close(one.nll, other.nll)


def test_gradients_reach_every_parameter_of_a_packed_row(decoder, batch):
    row = packed_row(batch)
    sequence_loss(decoder(row), row).total.backward()
    assert [name for name, p in decoder.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_random_positions_rise_within_every_document_in_training(alone, batch):
    decoder = replace(SMALL, positions="random").build(alone).train()
    documents = packed_row(batch).documents
    assert documents is not None
    places = decoder.positions.of_documents(documents)[0]
    same = documents[0, 1:] == documents[0, :-1]
    assert (places.diff()[same] > 0).all() and len(set(places[pad(~same, (1, 0), value=True)].tolist())) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_heads": 5}, "`model.num_heads` must divide 256, but is 5"),
        ({"num_key_heads": 3}, "`model.num_key_heads` must divide 4, but is 3"),
        ({"dropout": 1.0}, "`model.dropout` must be at least 0 and below 1"),
    ],
)
def test_impossible_sizes_are_refused(changes: dict, message: str):
    with pytest.raises(ValueError, match=message):
        DecoderConfig(**changes)
