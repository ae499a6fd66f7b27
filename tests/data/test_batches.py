import torch

from lengthwise.data.batches import training_batches
from lengthwise.data.batching import BatchConfig
from lengthwise.data.prepare import prepare
from lengthwise.problems import algorithmic, scan
from lengthwise.world import WHOLE, Share


def test_computed_examples_follow_the_curriculum():
    problem = algorithmic.copy()
    prepared = prepare("algorithmic.copy", problem, {})
    batches = training_batches(problem, prepared, BatchConfig(tokens=256), 0, 1, lambda: 3)
    assert all(batches(step, WHOLE).targets.shape[1] <= 4 for step in range(20))


def test_prepared_rows_are_dealt_out_and_short_ones_come_first():
    problem = scan.simple()
    prepared = prepare("scan.simple", problem, {})
    config = BatchConfig(tokens=512, warmup_steps=10, warmup_length=8)
    batches = training_batches(problem, prepared, config, 0, accumulate=2)
    assert all(batches(step, WHOLE).targets.shape[1] <= 8 + 5 for step in range(2))
    assert max(batches(step, WHOLE).targets.shape[1] for step in range(40, 60)) > 20
    whole, halves = batches(30, WHOLE), [batches(30, Share(number=number, of=2)) for number in range(2)]
    assert sum(len(half.targets) for half in halves) == len(whole.targets)
    assert torch.equal(
        halves[0].targets[0][: halves[0].targets.shape[1]], whole.targets[0][: halves[0].targets.shape[1]]
    )
