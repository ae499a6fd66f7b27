import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.data.batching import BatchConfig
from lengthwise.data.packing import NONE, PackedOrder, packed

LENGTHS = st.lists(st.integers(1, 16), min_size=1, max_size=80).map(lambda found: np.array(found, dtype=np.int32))


def documents_of(rows: np.ndarray) -> list[int]:
    return rows[rows != NONE].tolist()


@given(LENGTHS)
def test_every_document_stands_in_one_row_and_no_row_is_too_long(lengths: np.ndarray):
    rows = packed(lengths, 16)
    assert sorted(documents_of(rows)) == list(range(len(lengths)))
    assert all(lengths[row[row != NONE]].sum() <= 16 for row in rows)


@given(LENGTHS, st.integers(0, 3), st.integers(1, 60))
@settings(deadline=None)
def test_an_epoch_has_every_document_once_and_all_epochs_as_many_batches(lengths, epoch, tokens):
    order = PackedOrder(lengths, BatchConfig(tokens=max(2, tokens)), seed=3, capacity=16)
    batches = [order.indices(epoch * order.batches_per_epoch + i) for i in range(order.batches_per_epoch)]
    assert sorted(sum(map(documents_of, batches), [])) == list(range(len(lengths)))
    assert all(len(batch) <= max(1, tokens // 16) for batch in batches)


def test_few_positions_are_padding():
    lengths = np.clip(np.random.default_rng(0).lognormal(5, 1, 5_000), 2, 1024).astype(np.int64)
    order = PackedOrder(lengths, BatchConfig(tokens=8192), seed=0, capacity=1024)
    assert order.padding_waste() < 0.01
    waste_of_one_each = 1 - lengths.sum() / (len(lengths) * 1024)
    assert waste_of_one_each > 0.5


def test_epochs_differ_and_a_batch_depends_on_nothing_asked_for_before():
    lengths = np.random.default_rng(1).integers(2, 12, 300)
    first, second = (PackedOrder(lengths, BatchConfig(tokens=64), seed=5, capacity=16) for _ in range(2))
    for step in range(3 * first.batches_per_epoch):
        first.indices(step)
    step = 2 * first.batches_per_epoch + 1
    assert np.array_equal(first.indices(step), second.indices(step))
    assert not all(np.array_equal(one, two) for one, two in zip(first.epoch(0), first.epoch(1), strict=True))


def test_a_document_that_is_longer_than_a_row_is_refused():
    with pytest.raises(ValueError, match="at most 8 tokens to be packed, but has 9"):
        packed(np.array([3, 9]), 8)
