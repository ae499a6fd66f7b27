import torch
from small_run import Copier, batches, summed_loss

from lengthwise.training.objective import Objective
from lengthwise.world import Share


def test_spare_rows_count_for_nothing_and_have_zero_gradients():
    objective = Objective(Copier(), summed_loss)
    batch = batches(0, Share(number=6, of=7), rows=4)
    assert batch.is_spare and batch.num_tokens == 0 and batch.counts.targets == 0
    total, nll, statistics = objective(batch, batch.counts)
    total.backward()
    assert (total.item(), nll.item(), statistics) == (0, 0, {})
    gradients = [p.grad for p in objective.parameters()]
    assert all(gradient is not None and not gradient.any() for gradient in gradients)


def test_real_rows_count():
    objective = Objective(Copier(dropout=0), summed_loss)
    batch = batches(0)
    total, _, _ = objective(batch, batch.counts)
    torch.testing.assert_close(total, summed_loss(objective.model, batch).total)
