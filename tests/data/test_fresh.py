import numpy as np
import pytest
import torch

from lengthwise.contracts import EOS, Batch
from lengthwise.data.batching import BatchConfig
from lengthwise.data.fresh import Fresh
from lengthwise.data.sources.generated.task import Generated
from lengthwise.problems import algorithmic


def fresh(config: BatchConfig, seed: int = 0, **settings: int) -> Fresh:
    problem = algorithmic.reverse(**settings)
    assert isinstance(problem.source, Generated) and problem.inputs is not None
    return Fresh(problem.source, problem.inputs, problem.targets, config, seed)


def inputs_of(batch: Batch) -> torch.Tensor:
    assert batch.inputs is not None
    return batch.inputs


def lengths(ids: torch.Tensor) -> list[int]:
    """Without EOS."""
    return ((ids > EOS).sum(1)).tolist()


def test_a_batch_is_a_function_of_seed_and_index():
    config = BatchConfig(tokens=256)
    first, again, other = fresh(config).batch(7), fresh(config).batch(7), fresh(config, seed=1).batch(7)
    assert torch.equal(inputs_of(first), inputs_of(again)) and torch.equal(first.targets, again.targets)
    assert inputs_of(first).shape != inputs_of(other).shape or not torch.equal(inputs_of(first), inputs_of(other))


def test_every_batch_is_new():
    batches = fresh(BatchConfig(tokens=512), min_length=20)
    seen = {tuple(row) for step in range(20) for row in inputs_of(batches.batch(step)).tolist()}
    assert len(seen) == sum(len(inputs_of(batches.batch(step))) for step in range(20))


def test_targets_are_the_answers_to_the_inputs():
    batch = fresh(BatchConfig(tokens=256)).batch(0)
    for source, target in zip(inputs_of(batch).tolist(), batch.targets.tolist(), strict=True):
        assert source[source.index(EOS) - 1 :: -1] == target[: target.index(EOS)]


def test_a_batch_holds_every_fixed_length_with_few_shorter_examples():
    batch = fresh(BatchConfig(lengths=(5, 9), rows_per_length=100)).batch(0)
    found = np.array(lengths(inputs_of(batch)))
    assert (found[:100] <= 5).all() and (found[100:200] <= 9).all()
    assert 0.85 < np.mean(found[:100] == 5) < 1 and 0.85 < np.mean(found[100:200] == 9) < 1
    assert len(found) == 300 and 0.85 < np.mean(found[200:] == 41) < 1


def test_without_fixed_lengths_all_are_drawn_within_the_budget():
    batches = fresh(BatchConfig(tokens=200), min_length=3, max_length=20)
    seen = set()
    for step in range(200):
        batch = batches.batch(step)
        seen |= set(lengths(inputs_of(batch)))
        assert inputs_of(batch).numel() + batch.targets.numel() <= 200
    assert seen == set(range(3, 21))


def test_most_batches_of_a_curriculum_are_as_long_as_it_is_and_none_longer():
    batches = fresh(BatchConfig(tokens=200), max_length=9)
    longest = [max(lengths(inputs_of(batches.batch(step, most=6)))) for step in range(200)]
    assert max(longest) == 6 and 0.7 < np.mean([length == 6 for length in longest]) < 0.95
    assert max(max(lengths(inputs_of(batches.batch(step, most=50)))) for step in range(50)) == 9


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [(1, 41, {5: 7, 9: 3, 41: 3}), (6, 9, {9: 3}), (1, 7, {5: 7, 7: 3}), (7, 7, {7: 3}), (1, 9, {5: 7, 9: 3})],
)
def test_fixed_lengths_are_those_of_the_problem_and_its_longest(least, most, expected):
    assert BatchConfig(lengths=(5, 9), rows_per_length=(7, 3)).rows_by_length(least, most) == expected
    same = BatchConfig(lengths=(5, 9), rows_per_length=4).rows_by_length(least, most)
    assert same == dict.fromkeys(expected, 4)


def test_as_many_examples_are_shorter_as_is_asked_for():
    for share in (0.0, 0.5, 1.0):
        config = BatchConfig(lengths=(9,), rows_per_length=400, share_shorter=share)
        found = np.array(lengths(inputs_of(fresh(config, max_length=9).batch(0))))
        # One in nine of those drawn shorter is as long all the same.
        assert np.mean(found < 9) == pytest.approx(share * 8 / 9, abs=0.08)
        assert found.min() == (9 if share == 0 else 1)


@pytest.mark.parametrize(
    "settings",
    [
        {"rows_per_length": 0}, {"lengths": (5, 9), "rows_per_length": (3, 0)}, {"rows_per_length": ()},
        {"share_shorter": 1.1}, {"share_shorter": -0.1},
    ],
)  # fmt: skip
def test_impossible_batches_of_fixed_lengths_are_refused(settings):
    with pytest.raises(ValueError, match=r"`batch\.(rows_per_length|share_shorter)` must be .*, but (is|has) "):
        BatchConfig(**settings)


def test_as_many_numbers_of_rows_as_lengths_are_wanted_when_both_are_known():
    config = BatchConfig(lengths=(5, 9), rows_per_length=(3,))
    with pytest.raises(ValueError, match="must be one number or as many as `batch.lengths`, which has 2, but has 1"):
        config.rows_by_length(1, 41)
