from pathlib import Path

import numpy as np
import pytest
import torch

from lengthwise.contracts import EOS, PAD
from lengthwise.data.batching import BatchConfig
from lengthwise.data.loader import Loader, collate, sequential
from lengthwise.data.order import Order
from lengthwise.data.shards import Encoded, Split, write_shards


def split_of(tmp_path: Path, inputs: list[list[int]] | None, targets: list[list[int]]) -> Split:
    return Split(tmp_path, write_shards(tmp_path, "train", Encoded(inputs=inputs, targets=targets), 3))


@pytest.fixture
def split(tmp_path: Path) -> Split:
    sizes = range(1, 41)
    inputs = [[100 + i] * (i * 7 % 11) + [EOS] for i in sizes]
    return split_of(tmp_path, inputs, [[100 + i] * (i * 5 % 13) + [EOS] for i in sizes])


def real(row: torch.Tensor) -> list[int]:
    return row[row != PAD].tolist()


def test_both_sides_are_padded_behind_to_their_longest(tmp_path: Path):
    batch = collate(split_of(tmp_path, [[5, 1], [6, 7, 1]], [[8, 9, 9, 1], [1]]), np.array([1, 0]))
    assert batch.inputs is not None and batch.inputs.tolist() == [[6, 7, 1], [5, 1, 0]]
    assert batch.targets.tolist() == [[1, 0, 0, 0], [8, 9, 9, 1]]
    assert batch.inputs.dtype == batch.targets.dtype == torch.int64


def test_a_problem_without_inputs_gives_targets_alone(tmp_path: Path):
    batch = collate(split_of(tmp_path, None, [[8, 1], [1]]), np.array([0, 1]))
    assert batch.inputs is None
    assert batch.targets.tolist() == [[8, 1], [1, 0]]


def test_a_step_holds_the_rows_that_the_order_names(split: Split):
    order = Order(split.input_lengths, split.target_lengths, BatchConfig(tokens=64), 3)
    loader = Loader(split, order)
    for step in (0, order.batches_per_epoch + 1, 2):
        batch, rows = loader.batch(step), order.indices(step)
        assert batch.inputs is not None
        for i, row in enumerate(rows):
            assert (real(batch.inputs[i]), real(batch.targets[i])) == tuple(x.tolist() for x in split.tokens(row))


def test_an_epoch_has_every_token_once(split: Split):
    order = Order(split.input_lengths, split.target_lengths, BatchConfig(tokens=64), 3)
    loader = Loader(split, order)
    total = sum(loader.batch(step).num_tokens for step in range(order.batches_per_epoch))
    assert total == split.input_lengths.sum() + split.target_lengths.sum()


def test_evaluation_sees_every_row_once_with_its_index(split: Split):
    seen = []
    for rows in sequential(split, BatchConfig(tokens=64)):
        batch = collate(split, rows)
        assert [real(row) for row in batch.targets] == [split.tokens(row)[1].tolist() for row in rows]
        assert len(rows) == 1 or batch.targets.numel() + (batch.inputs.numel() if batch.inputs is not None else 0) <= 64
        seen += rows.tolist()
    assert sorted(seen) == list(range(len(split)))
