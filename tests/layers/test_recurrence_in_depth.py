import pytest
import torch

from lengthwise.layers.recurrence_in_depth import Block, RecurrenceInDepth

D_MODEL, STEPS = 6, 4


def built(averaging=None) -> RecurrenceInDepth:
    torch.manual_seed(0)
    return RecurrenceInDepth(D_MODEL, STEPS, averaging)


def decision(recurrence: RecurrenceInDepth) -> torch.nn.Linear:
    """What decides to halt."""
    assert recurrence.halting is not None
    return recurrence.halting.dense


def test_a_fixed_depth_applies_the_block_that_often_with_positions_and_steps_before_each():
    recurrence, state = built(), torch.randn(2, 3, D_MODEL)
    places = torch.randn(3, D_MODEL)
    found, pondering = recurrence(state, Block(lambda x, step: 0.5 * x + step, lambda x: x + places), None)
    expected = state
    for step in range(STEPS):
        expected = 0.5 * (expected + recurrence.step_embedding.weight[step] * D_MODEL**0.5 + places) + step
    torch.testing.assert_close(found, recurrence.norm(expected))
    assert pondering is None


@pytest.mark.parametrize("averaging", ["interpolation", "sum"])
def test_what_has_halted_is_not_moved_by_later_steps(averaging):
    recurrence, state = built(averaging), torch.randn(1, 5, D_MODEL)
    torch.nn.init.normal_(decision(recurrence).weight, std=2.0)
    torch.nn.init.constant_(decision(recurrence).bias, 0.0)
    seen = []

    def apply(x, step):
        seen.append(x)
        return x.tanh()

    block = Block(apply, lambda x: x)
    _, pondering = recurrence(state, block, torch.tensor([[True, True, True, True, False]]))
    assert pondering.num_steps[0, 4] == 0 and (pondering.num_steps[0, :4] >= 1).all()
    assert len(seen) == int(pondering.num_steps.max())
    for position, count in enumerate(pondering.num_steps[0].int().tolist()):
        for step in range(max(1, count), len(seen)):
            before = [x[0, position] - recurrence.step_embedding.weight[n] * D_MODEL**0.5 for n, x in enumerate(seen)]
            torch.testing.assert_close(before[step], before[count])


def test_it_ends_when_all_have_halted():
    recurrence, count = built("sum"), []
    torch.nn.init.constant_(decision(recurrence).bias, 20.0)
    recurrence(torch.zeros(1, 2, D_MODEL), Block(lambda x, step: count.append(step) or x, lambda x: x), None)
    assert count == [0]
