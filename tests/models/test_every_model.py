"""What every model in the catalog promises."""

import json
from dataclasses import replace

import pytest
import torch
from kinds import KINDS, shrunk

from lengthwise import catalog, config
from lengthwise.contracts import PAD, START, Autoregressive, Batch, Feature, Features, Model, ModelConfig, OneShot
from lengthwise.losses import sequence_loss

ALL_PRESETS = list(catalog.names("models"))
TOKENS = Features(inputs=Feature(size=23), targets=Feature(size=23), growth=(1, 1))
PRESETS = [name for name in ALL_PRESETS if shrunk(name).refuses(TOKENS) is None]


@pytest.fixture(params=PRESETS)
def model(request, features) -> Model:
    torch.manual_seed(0)
    return shrunk(request.param).build(features).double()


def test_no_position_sees_its_own_target_or_a_later_one(model, batch):
    changed = batch.targets.clone()
    changed[0, 2] = 3 + (changed[0, 2] - 2) % 20
    before, after = model(batch).logits, model(Batch(batch.inputs, changed)).logits
    torch.testing.assert_close(before[0, :3], after[0, :3])
    # A model that writes all at once reads no targets at all.
    assert isinstance(model, OneShot) == torch.equal(before[0, 3], after[0, 3])


def test_every_position_sees_the_inputs(model, batch):
    changed = batch.inputs.clone()
    changed[0, 5] = 3 + (changed[0, 5] - 2) % 20
    before, after = model(batch).logits, model(Batch(changed, batch.targets)).logits
    assert ((before[0] - after[0]).abs().amax(-1) > 1e-9).all()


def test_stepwise_equals_all_at_once(model, batch):
    model.eval()
    if isinstance(model, OneShot):
        likeliest, found = model(batch).logits.argmax(-1), model.predict(batch.inputs)
        length = min(likeliest.shape[1], found.shape[1])
        assert torch.equal(found[:, :length], likeliest[:, :length])
        return
    assert isinstance(model, Autoregressive)
    expected = model(batch).logits
    state = model.start(batch.inputs, batch.targets.shape[1])
    tokens = torch.full((len(batch.targets),), START)
    for position in range(batch.targets.shape[1]):
        torch.testing.assert_close(model.step(tokens, state), expected[:, position])
        tokens = batch.targets[:, position]


def test_padding_does_not_change_the_answer(model, batch):
    wider = Batch(torch.nn.functional.pad(batch.inputs, (0, 3)), torch.nn.functional.pad(batch.targets, (0, 2)))
    expected, found = model(batch).logits, model(wider).logits
    torch.testing.assert_close(found[:, : expected.shape[1]], expected)
    row = Batch(batch.inputs[1:2, :4], batch.targets[1:2])
    torch.testing.assert_close(model(row).logits, expected[1:2])


def test_gradients_reach_every_parameter(model, batch):
    sequence_loss(model(batch), batch).total.backward()
    without = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == []


def test_the_loss_falls_on_one_batch(model, batch):
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = sequence_loss(model(batch), batch)
        (loss.total / loss.num_tokens).backward()
        optimizer.step()
        losses.append(loss.nll.item() / loss.num_tokens)
    # What writes at once has to tell random targets from one state, and learns that slowly.
    assert losses[-1] < losses[0] * (0.95 if isinstance(model, OneShot) else 0.5)


@pytest.mark.parametrize("preset", ALL_PRESETS)
def test_its_config_survives_json(preset):
    full = catalog.find("models", preset)()
    assert config.from_json(json.loads(json.dumps(config.to_json(full))), ModelConfig) == full


@pytest.mark.parametrize("preset", ALL_PRESETS)
def test_it_builds_without_memory(preset, features):
    full = catalog.find("models", preset)()
    large = Features(
        inputs=Feature(modality="image", size=3, shape=(32, 32)), targets=Feature(modality="label", size=13)
    )
    choices = [features, large, *(kind.features for kind in KINDS.values())]
    with torch.device("meta"):
        model = full.build(next(each for each in choices if full.refuses(each) is None))
    assert all(p.is_meta for p in model.parameters())


@pytest.mark.parametrize("preset", ALL_PRESETS)
def test_its_training_defaults_are_paths_of_an_experiment(preset):
    from lengthwise.recipes.experiment import compose

    assert compose("translation.files", catalog.find("models", preset)()).problem == "translation.files"


@pytest.mark.parametrize("preset", PRESETS)
def test_it_refuses_features_that_it_does_not_support_with_a_reason(preset):
    drawn = Features(inputs=None, targets=Feature(modality="image", size=3, shape=(8, 8)))
    full = catalog.find("models", preset)()
    assert "must be tokens" in str(full.refuses(drawn))
    with pytest.raises(ValueError, match="must be tokens"):
        full.build(drawn)


@pytest.mark.parametrize("family", sorted({preset.partition(".")[0] for preset in ALL_PRESETS}))
def test_every_architecture_has_a_tiny_and_a_base_preset(family):
    assert {f"{family}.tiny", f"{family}.base"} <= set(ALL_PRESETS)


def test_a_row_of_nothing_but_padding_stays_finite(model, batch):
    inputs = batch.inputs.clone()
    inputs[0] = PAD
    assert model(Batch(inputs, batch.targets)).logits.isfinite().all()


def test_one_embedding_where_the_problem_shares_its_vocabulary_else_two(model, features):
    if isinstance(model, OneShot) or not hasattr(model, "input_embedding"):
        return
    assert model.head.weight is model.target_embedding.weight is model.input_embedding.weight
    config = type(model.config)
    apart = replace(features, inputs=Feature(size=7), targets=Feature(size=9), is_shared=False, places="index")
    model = config().build(apart)
    assert (model.input_embedding.num_embeddings, model.target_embedding.num_embeddings) == (7, 9)


@pytest.mark.parametrize("preset", [name for name in PRESETS if name.endswith(".tiny")])
def test_dropout_is_off_in_evaluation_and_on_in_training(preset, features, batch):
    model = replace(shrunk(preset), dropout=0.5).build(features).double().eval()
    assert torch.equal(model(batch).hidden, model(batch).hidden)
    model.train()
    assert not torch.equal(model(batch).hidden, model(batch).hidden)


ALONE = Features(inputs=None, targets=Feature(size=23))
LANGUAGE_MODELS = [name for name in PRESETS if shrunk(name).refuses(ALONE) is None]


@pytest.fixture(params=LANGUAGE_MODELS)
def language_model(request) -> Autoregressive:
    torch.manual_seed(0)
    built = shrunk(request.param).build(ALONE).double()
    assert isinstance(built, Autoregressive)
    return built


def test_recurrent_convolutional_and_decoder_models_are_language_models():
    assert {name.partition(".")[0] for name in LANGUAGE_MODELS} >= {"decoder", "recurrent", "convolutional"}


def test_without_inputs_no_position_sees_its_own_target_or_a_later_one(language_model, batch):
    changed = batch.targets.clone()
    changed[0, 2] = 3 + (changed[0, 2] - 2) % 20
    before, after = language_model(Batch(None, batch.targets)).logits, language_model(Batch(None, changed)).logits
    torch.testing.assert_close(before[0, :3], after[0, :3])
    assert not torch.equal(before[0, 3], after[0, 3])


def test_without_inputs_stepwise_equals_all_at_once(language_model, batch):
    language_model.eval()
    expected = language_model(Batch(None, batch.targets)).logits
    state = language_model.start(None, batch.targets.shape[1])
    state.reorder(torch.zeros(len(batch.targets), dtype=torch.long))
    tokens = torch.full((len(batch.targets),), START)
    for position in range(batch.targets.shape[1]):
        torch.testing.assert_close(language_model.step(tokens, state), expected[:, position])
        tokens = batch.targets[:, position]


def test_without_inputs_gradients_reach_every_parameter(language_model, batch):
    alone = Batch(None, batch.targets)
    sequence_loss(language_model(alone), alone).total.backward()
    assert [name for name, each in language_model.named_parameters() if each.grad is None] == []
