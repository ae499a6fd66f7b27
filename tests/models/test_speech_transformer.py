from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from lengthwise.contracts import EOS, PAD, START, Alignment, Batch, Feature, Features
from lengthwise.layers.precision import cast_to_compute
from lengthwise.losses import sequence_loss
from lengthwise.models import speech_transformer
from lengthwise.models.speech_transformer import SpeechTransformer, SpeechTransformerConfig

SMALL = SpeechTransformerConfig(
    d_model=32, d_ff=48, num_heads=4, num_encoder_layers=2, num_decoder_layers=2, kernel_size=5, dropout=0.0
)
SPOKEN = Features(inputs=Feature(modality="spectrogram", size=6), targets=Feature(size=23), growth=None)


@pytest.fixture
def spoken() -> Batch:
    """Three sounds in which every token holds a pattern for eight frames."""
    generator = torch.Generator().manual_seed(0)
    patterns = torch.randn(23, 6, generator=generator)
    rows = [[5, 9, 9, 4, EOS], [7, 3, EOS], [11, 12, 20, EOS]]
    inputs, targets = torch.zeros(3, 40, 7), torch.full((3, 5), PAD)
    for sound, row, tokens in zip(inputs, targets, rows, strict=True):
        row[: len(tokens)] = torch.tensor(tokens)
        frames = patterns[tokens].repeat_interleave(8, 0)
        sound[: len(frames), :6], sound[: len(frames), 6] = frames, 1
    return Batch(inputs, targets)


@pytest.fixture(params=[1.0, 0.0], ids=["with CTC", "without"])
def model(request) -> SpeechTransformer:
    torch.manual_seed(0)
    return replace(SMALL, ctc_weight=request.param).build(SPOKEN).double()


def aligned(model: SpeechTransformer, batch: Batch) -> Alignment:
    assert batch.inputs is not None
    found = model.align(batch.inputs)
    assert found is not None
    return found


def test_no_position_sees_its_own_target_or_a_later_one(model, spoken):
    changed = spoken.targets.clone()
    changed[0, 2] = 15
    before, after = model(spoken).logits, model(Batch(spoken.inputs, changed)).logits
    torch.testing.assert_close(before[0, :3], after[0, :3])
    assert not torch.equal(before[0, 3], after[0, 3])


def test_every_position_hears_the_sound(model, spoken):
    changed = spoken.inputs.clone()
    changed[0, 17, 2] += 1
    before, after = model(spoken).logits, model(Batch(changed, spoken.targets)).logits
    assert ((before[0] - after[0]).abs().amax(-1) > 1e-9).all()
    torch.testing.assert_close(before[1:], after[1:])


def test_stepwise_equals_all_at_once(model, spoken):
    model.eval()
    expected, state = model(spoken).logits, model.start(spoken.inputs, 5)
    tokens = torch.full((3,), START)
    for position in range(5):
        torch.testing.assert_close(model.step(tokens, state), expected[:, position])
        tokens = spoken.targets[:, position]


def test_reordered_rows_go_on_as_those_they_follow(model, spoken):
    model.eval()
    order = torch.tensor([0, 0, 1, 1, 2, 2])
    expected, state = model(spoken).logits[order], model.start(spoken.inputs, 5)
    state.reorder(order)
    tokens = torch.full((6,), START)
    for position in range(5):
        torch.testing.assert_close(model.step(tokens, state), expected[:, position])
        tokens = spoken.targets[order, position]
        state.reorder(torch.tensor([1, 0, 3, 2, 5, 4]))


@pytest.mark.parametrize("more", [1, 2, 3, 4, 9])
def test_padding_does_not_change_the_answer(model, spoken, more):
    wider = Batch(F.pad(spoken.inputs, (0, 0, 0, more)), F.pad(spoken.targets, (0, 2)))
    torch.testing.assert_close(model(wider).logits[:, :5], model(spoken).logits)
    row = spoken.taken(torch.tensor([1]))
    torch.testing.assert_close(model(row).logits, model(spoken).logits[1:2, :3])
    if model.config.ctc_weight:
        torch.testing.assert_close(model(wider).aux_losses["ctc"].total, model(spoken).aux_losses["ctc"].total)


def test_gradients_reach_every_parameter(model, spoken):
    # CTC's head begins at zero, and so tells its inputs nothing at first.
    sequence_loss(model(spoken), spoken).total.backward()
    without = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == []


def test_ctc_is_of_the_targets_without_the_end(spoken):
    torch.manual_seed(0)
    model = SMALL.build(SPOKEN).double()
    torch.nn.init.normal_(next(model.ctc.parameters()))
    alone = aligned(model, spoken.taken(torch.tensor([1])))
    assert alone.lengths.tolist() == [6]
    # All paths of six frames that stand for 7, 3, counted one by one.
    probabilities, total = alone.log_probs[0].exp(), 0.0
    for path in torch.cartesian_prod(*[torch.tensor([PAD, 7, 3])] * 6).tolist():
        merged = [token for i, token in enumerate(path) if token != PAD and (i == 0 or path[i - 1] != token)]
        if merged == [7, 3]:
            total += float(probabilities[torch.arange(6), path].prod())
    loss = model(spoken.taken(torch.tensor([1]))).aux_losses["ctc"]
    assert loss.unit == "targets" and loss.total.item() == pytest.approx(-torch.tensor(total).log().item(), rel=1e-6)


def test_more_targets_than_frames_cost_nothing_and_break_nothing(spoken):
    model = SMALL.build(SPOKEN)
    total = model(Batch(spoken.inputs[:, :4], spoken.targets)).aux_losses["ctc"].total
    total.backward()
    assert total.isfinite() and all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_both_heads_learn_a_batch(spoken):
    torch.manual_seed(0)
    model = SMALL.build(SPOKEN)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(120):
        optimizer.zero_grad()
        loss = sequence_loss(model(spoken), spoken)
        (loss.total / loss.num_tokens).backward()
        optimizer.step()
    assert loss.nll.item() / loss.num_tokens < 0.1
    from lengthwise.decoding.ctc import ctc_greedy

    alignment = aligned(model.eval(), spoken)
    found = [each.tokens for each in ctc_greedy(alignment.log_probs, alignment.lengths, blank=PAD)]
    assert found == [[5, 9, 9, 4], [7, 3], [11, 12, 20]]


def test_without_ctc_nothing_is_aligned(spoken):
    model = replace(SMALL, ctc_weight=0.0).build(SPOKEN)
    assert model.align(spoken.inputs) is None and not model(spoken).aux_losses


def test_it_computes_in_bf16_where_it_is_asked_to(spoken):
    model = SMALL.build(SPOKEN)
    with torch.autocast("cpu", torch.bfloat16):
        assert model(spoken).hidden.dtype == cast_to_compute(torch.ones(1)).dtype == torch.bfloat16
    assert aligned(model.to(torch.bfloat16), spoken).log_probs.dtype == torch.float32


def test_it_aligns_sounds_alone():
    tokens = Features(inputs=Feature(size=23), targets=Feature(size=23))
    assert SMALL.build(SPOKEN).aligns and not SMALL.build(tokens).aligns
    heard = Features(inputs=Feature(size=23), targets=Feature(modality="spectrogram", size=8))
    assert "must be tokens, but are of kind spectrogram" in str(SMALL.refuses(heard))
    with pytest.raises(ValueError, match="num_heads` must divide"):
        replace(SMALL, num_heads=3)
    assert [preset().refuses(SPOKEN) for preset in (speech_transformer.tiny, speech_transformer.base)] == [None, None]
