import math
from dataclasses import replace

import pytest
import torch

from lengthwise.contracts import START, Batch, Feature, Features
from lengthwise.layers.positions import sinusoids
from lengthwise.models.transformer import TransformerConfig, base, paper_base, paper_big, tiny

SMALL = {"d_model": 16, "d_ff": 24, "num_heads": 2, "num_encoder_layers": 1, "num_decoder_layers": 1, "dropout": 0.0}


def size_of(config: TransformerConfig, vocab: int) -> int:
    features = Features(inputs=Feature(size=vocab), targets=Feature(size=vocab), is_shared=True)
    with torch.device("meta"):
        return sum(p.numel() for p in config.build(features).parameters())


def test_the_papers_models_have_the_papers_sizes():
    # Table 3: 65 and 213 million, with a vocabulary of about 37,000.
    assert size_of(paper_base(), 37_000) / 1e6 == pytest.approx(65, abs=2)
    assert size_of(paper_big(), 37_000) / 1e6 == pytest.approx(213, abs=4)


def test_weights_begin_small_where_norms_come_first_and_as_glorots_where_they_come_last(features):
    sizes = {"d_model": 64, "d_ff": 256, "num_heads": 4, "num_encoder_layers": 1, "num_decoder_layers": 1}
    for config, embedding, matrix in ((tiny(), 0.04, 0.04), (paper_base(), 0.125, (2 / 128) ** 0.5)):
        weights = replace(config, **sizes).build(features).state_dict()
        assert weights["target_embedding.weight"].std().item() == pytest.approx(embedding, rel=0.1)
        assert weights["decoder.0.cross_attention.queries.weight"].std().item() == pytest.approx(matrix, rel=0.1)
        assert weights["encoder.0.attention.projection.weight"][:64].std().item() == pytest.approx(matrix, rel=0.1)
        assert weights["encoder.0.attention.output.weight"].std().item() == pytest.approx(matrix, rel=0.1)


def test_the_papers_architecture_is_the_papers(features, batch):
    """Section 3, written out a second time: post-norm, biases in the feed-forward network alone, sinusoids."""
    torch.manual_seed(0)
    model = replace(paper_base(), **SMALL).build(features).double().eval()
    x = plain_encoder(model, batch.inputs[2:, :6])
    torch.testing.assert_close(model.encode(batch.inputs[2:, :6])[0], x)


def plain_encoder(model, tokens):
    block = model.encoder[0]
    x = model.target_embedding.weight[tokens] * math.sqrt(16) + sinusoids(tokens.shape[1], 16).double()
    q, k, v = (x @ w.T for w in block.attention.projection.weight.chunk(3))
    found = []
    for head in (slice(0, 8), slice(8, 16)):
        weights = (q[..., head] @ k[..., head].transpose(-2, -1) / math.sqrt(8)).softmax(-1)
        found.append(weights @ v[..., head])
    x = norm(x + torch.cat(found, -1) @ block.attention.output.weight.T, block.around_attention.norm)
    inner, outer = block.feed_forward.inner, block.feed_forward.outer
    change = (x @ inner.weight.T + inner.bias).clamp(min=0) @ outer.weight.T + outer.bias
    return norm(x + change, block.around_feed_forward.norm)


def norm(x, layer):
    x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, unbiased=False, keepdim=True) + 1e-6).sqrt()
    return x * layer.weight + layer.bias


def test_both_sides_and_the_output_share_one_embedding_where_the_problem_does(features):
    model = tiny().build(features)
    assert model.head.weight is model.target_embedding.weight is model.input_embedding.weight


def test_without_a_shared_vocabulary_the_inputs_have_their_own_embedding():
    features = Features(inputs=Feature(size=7), targets=Feature(size=9))
    model = replace(tiny(), **SMALL).build(features)
    assert (model.input_embedding.num_embeddings, model.target_embedding.num_embeddings) == (7, 9)


def test_sequences_longer_than_any_before_have_positions(features):
    model = replace(tiny(), **SMALL).build(features)
    tokens = torch.randint(3, 23, (1, 1500))
    assert model(Batch(tokens, tokens)).hidden.shape == (1, 1500, 16)


def test_dropout_is_off_in_evaluation_and_on_in_training(features, batch):
    model = replace(base(), **{**SMALL, "dropout": 0.5}).build(features)
    model.eval()
    assert torch.equal(model(batch).hidden, model(batch).hidden)
    model.train()
    assert not torch.equal(model(batch).hidden, model(batch).hidden)


def test_decoding_needs_no_gradients(features, batch):
    model = replace(tiny(), **SMALL).build(features)
    state = model.start(batch.inputs, 4)
    assert not model.step(torch.full((3,), START), state).requires_grad


@pytest.mark.parametrize(
    ("change", "message"),
    [({"num_heads": 5}, "`model.num_heads` must divide"), ({"dropout": 1.0}, "`model.dropout` must be")],
)
def test_impossible_sizes_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(tiny(), **change)


@pytest.mark.compiled
def test_it_compiles_with_the_same_answer(features, batch):
    torch.manual_seed(0)
    model = replace(tiny(), **SMALL).build(features).eval()
    with torch.no_grad():
        expected = model(batch).hidden
        torch.testing.assert_close(torch.compile(model, backend="aot_eager")(batch).hidden, expected)
