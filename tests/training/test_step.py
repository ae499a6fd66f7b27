import math
from dataclasses import replace

import pytest
import torch
from small_run import RUNTIME, Copier, Summed, batches, summed_loss
from torch import Tensor

from lengthwise.contracts import Batch, Counts, Model
from lengthwise.training.config import OptimizerConfig
from lengthwise.training.objective import Objective
from lengthwise.training.optimizers import Optimizer
from lengthwise.training.step import NotFinite, StepReport, train_step


def updated(parts: list[Batch], clip_norm: float = 0.0) -> tuple[list[Tensor], StepReport]:
    torch.manual_seed(0)
    model = Copier(dropout=0).double()
    optimizer = Optimizer(model, OptimizerConfig())
    report = train_step(Objective(model, summed_loss), parts, optimizer, RUNTIME, clip_norm=clip_norm, step=1)
    return [p.grad for p in model.parameters() if p.grad is not None] + [*model.parameters()], report


def test_accumulation_over_uneven_batches_equals_one_big_batch():
    whole = batches(3, rows=8)
    assert whole.inputs is not None
    parts = [Batch(whole.inputs[rows], whole.targets[rows]) for rows in (slice(0, 1), slice(1, 3), slice(3, 8))]
    assert len({part.num_target_tokens for part in parts}) == 3
    big, report = updated([whole])
    accumulated, other = updated(parts)
    for one, two in zip(big, accumulated, strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=1e-9)
    assert other.loss == pytest.approx(report.loss, abs=1e-12)
    assert (other.num_tokens, other.num_target_tokens) == (report.num_tokens, report.num_target_tokens)


def test_gradients_are_those_of_the_mean_over_real_tokens():
    batch = batches(1)
    torch.manual_seed(0)
    model = Copier(dropout=0).double()
    loss = summed_loss(model, batch).total / batch.num_target_tokens
    loss.backward()
    got, report = updated([batch])
    for parameter, gradient in zip(model.parameters(), got, strict=False):
        torch.testing.assert_close(gradient, parameter.grad)
    assert report.loss == pytest.approx(loss.item())
    assert report.num_tokens == 2 * batch.num_target_tokens
    assert report.num_positions == 2 * batch.targets.numel()


def test_clipping_bounds_the_global_norm_and_reports_the_one_before():
    free, report = updated([batches(1)])
    clipped, other = updated([batches(1)], clip_norm=0.01)
    assert other.gradient_norm == pytest.approx(report.gradient_norm)
    num_gradients = len(clipped) // 2
    norm = torch.cat([gradient.flatten() for gradient in clipped[:num_gradients]]).norm().item()
    assert norm == pytest.approx(0.01, rel=1e-3)
    assert torch.cat([gradient.flatten() for gradient in free[:num_gradients]]).norm() > 0.02


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("where", ["loss", "gradient"])
def test_what_is_not_finite_stops_before_the_update(value: float, where: str):
    def broken(model: Model, batch: Batch, counts: Counts) -> Summed:
        summed = summed_loss(model, batch)
        if where == "loss":
            return replace(summed, total=summed.total * value)
        weight = model.get_parameter("out.weight")
        return replace(summed, total=summed.total + (weight * 0).sum().sqrt() * value)

    model = Copier()
    optimizer = Optimizer(model, OptimizerConfig())
    train_step(Objective(model, summed_loss), [batches(0)], optimizer, RUNTIME, clip_norm=1.0, step=6)
    before = {name: tensor.clone() for name, tensor in (model.state_dict() | optimizer.state()).items()}
    with pytest.raises(NotFinite, match="must be finite, but is .* at step 7"):
        train_step(Objective(model, broken), [batches(1)], optimizer, RUNTIME, clip_norm=1.0, step=7)
    assert all(torch.equal(tensor, before[name]) for name, tensor in (model.state_dict() | optimizer.state()).items())
