from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from lengthwise.contracts import PAD, AuxLoss, Batch, Copies, Counts, Output
from lengthwise.losses import CHUNK, position_losses, sequence_loss


def output_and_batch(rows: int = 3, length: int = 5, vocab: int = 11, dtype: torch.dtype = torch.double):
    torch.manual_seed(0)
    head = torch.nn.Linear(4, vocab, bias=False, dtype=dtype)
    hidden = torch.randn(rows, length, 4, dtype=dtype, requires_grad=True)
    targets = torch.randint(3, vocab, (rows, length))
    targets[0, 3:] = PAD
    return Output(hidden, head), Batch(None, targets)


def with_copies(output: Output, batch: Batch) -> Output:
    rows, length = batch.targets.shape
    inputs = torch.randint(3, 8, (rows, 4))
    gate = torch.randn(rows, length, dtype=torch.double, requires_grad=True)
    scores = torch.randn(rows, length, 4, dtype=torch.double, requires_grad=True)
    return replace(output, copies=Copies(gate, scores.log_softmax(-1), inputs))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("rows", [3, CHUNK["cpu"]])
def test_the_loss_of_what_is_written_or_copied_and_its_gradients_are_the_mixtures(rows, smoothing):
    output, batch = output_and_batch(rows)
    output = with_copies(output, batch)
    assert output.copies is not None
    found = sequence_loss(output, batch, smoothing)
    is_real = batch.targets != PAD
    nll = -output.logits.gather(-1, batch.targets[:, :, None])[:, :, 0][is_real].sum()
    smooth = -output.head(output.hidden).log_softmax(-1).mean(-1)[is_real].sum()
    expected = (1 - smoothing) * nll + smoothing * smooth
    torch.testing.assert_close((found.total, found.nll), (expected, nll))
    parameters = [output.hidden, output.head.weight, output.copies.gate, output.copies.log_shares]
    torch.testing.assert_close(
        torch.autograd.grad(3 * found.total, parameters, retain_graph=True),
        torch.autograd.grad(3 * expected, parameters, retain_graph=True),
    )
    torch.testing.assert_close(position_losses(output, batch).sum(), nll, check_dtype=False)
    with torch.no_grad():
        exact = sequence_loss(output, batch, smoothing)
    torch.testing.assert_close((exact.total, exact.nll), (expected, nll), check_dtype=False)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("rows", [3, CHUNK["cpu"]])
def test_the_chunked_loss_and_its_gradients_are_cross_entropys(rows, smoothing):
    output, batch = output_and_batch(rows)
    found = sequence_loss(output, batch, smoothing)
    options = {"reduction": "sum", "ignore_index": PAD}
    logits, targets = output.logits.flatten(0, 1), batch.targets.flatten()
    expected = F.cross_entropy(logits, targets, label_smoothing=smoothing, **options)
    parameters = [output.hidden, output.head.weight]
    torch.testing.assert_close(found.total, expected)
    torch.testing.assert_close(found.nll, F.cross_entropy(logits, targets, **options))
    torch.testing.assert_close(
        torch.autograd.grad(3 * found.total, parameters), torch.autograd.grad(3 * expected, parameters)
    )
    assert found.num_tokens == int((batch.targets != PAD).sum())


def test_without_gradients_the_loss_is_the_same():
    output, batch = output_and_batch()
    expected = sequence_loss(output, batch, 0.1)
    with torch.no_grad():
        found = sequence_loss(output, batch, 0.1)
    torch.testing.assert_close((found.total, found.nll), (expected.total, expected.nll), check_dtype=False)


def test_auxiliary_losses_are_means_over_the_whole_update():
    output, batch = output_and_batch()
    plain = sequence_loss(output, batch)
    output.aux_losses["saturation"] = AuxLoss(torch.tensor(0.5, dtype=torch.double), "sequences")
    found = sequence_loss(output, batch)
    torch.testing.assert_close(found.total, plain.total + 0.5 / len(batch.targets) * plain.num_tokens)
    torch.testing.assert_close(found.nll, plain.nll)
    of_more = sequence_loss(output, batch, counts=Counts(targets=100, sequences=10))
    torch.testing.assert_close(of_more.total, plain.total + 0.5 / 10 * 100)


def weight_of(output: Output) -> torch.Tensor:
    assert isinstance(output.head.weight, torch.Tensor)
    return output.head.weight


def test_a_target_whose_probability_underflows_has_a_finite_loss():
    output, batch = output_and_batch(dtype=torch.float32)
    with torch.no_grad():
        weight_of(output).mul_(1000)
    found = sequence_loss(output, batch)
    logits, targets = output.logits.flatten(0, 1), batch.targets.flatten()
    assert F.softmax(logits, -1).min() == 0
    torch.testing.assert_close(found.nll, F.cross_entropy(logits, targets, reduction="sum", ignore_index=PAD))


def test_bf16_logits_cost_little_accuracy():
    output, batch = output_and_batch(200, 20, dtype=torch.float32)
    exact = sequence_loss(output, batch, 0.1)
    low = Output(output.hidden.bfloat16(), output.head)
    found = sequence_loss(low, batch, 0.1)
    assert found.total.item() == pytest.approx(exact.total.item(), rel=2e-3)
    gradients = [torch.autograd.grad(x.total, weight_of(output))[0] for x in (exact, found)]
    assert (gradients[0] - gradients[1]).norm() < 0.01 * gradients[0].norm()
    assert gradients[1].dtype == torch.float32
