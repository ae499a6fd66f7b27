import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.data.batching import BatchConfig
from lengthwise.data.order import Order

Lengths = tuple[np.ndarray, np.ndarray]


def both_sides(pairs: list[tuple[int, int]]) -> Lengths:
    inputs, targets = np.array(pairs, dtype=np.int32).T
    return inputs, targets


LENGTHS = st.lists(
    st.tuples(st.integers(0, 3) | st.integers(0, 40), st.integers(1, 3) | st.integers(1, 40)), min_size=1, max_size=120
).map(both_sides)
# Built in the tests: a type checker that samples draws random numbers, which no strategy may.
CONFIGS = st.fixed_dictionaries(
    dict(
        tokens=st.integers(2, 20) | st.integers(2, 300),
        max_rows=st.integers(1, 30),
        jitter=st.sampled_from([0.0, 0.1, 0.5, 3.0]),
    )
)


def sentences(num_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Lengths like those of short bilingual text: log-normal, both sides alike."""
    random = np.random.default_rng(0)
    inputs = np.clip(random.lognormal(2.5, 0.7, num_rows), 2, 200)
    targets = np.clip(inputs * random.lognormal(0.08, 0.2, num_rows), 2, 200)
    return inputs.astype(np.int32), targets.astype(np.int32)


@given(LENGTHS, CONFIGS, st.integers(0, 3), st.integers(0, 3))
@settings(deadline=None)
def test_every_row_comes_once_an_epoch_and_batches_keep_the_budget(lengths: Lengths, config, seed, epoch):
    config = BatchConfig(**config)
    order = Order(*lengths, config, seed)
    steps = range(epoch * order.batches_per_epoch, (epoch + 1) * order.batches_per_epoch)
    batches = [order.indices(step) for step in steps]
    assert sorted(np.concatenate(batches)) == list(range(len(lengths[0])))
    for rows in batches:
        padded = sum(int(side[rows].max()) for side in lengths) * len(rows)
        assert len(rows) == 1 or (padded <= config.budget and len(rows) <= config.max_rows)


@given(LENGTHS, CONFIGS, st.lists(st.integers(0, 400), min_size=1, max_size=8))
@settings(deadline=None)
def test_a_batch_does_not_depend_on_what_was_asked_before(lengths: Lengths, config, steps):
    config = BatchConfig(**config)
    order = Order(*lengths, config, 1)
    for step in steps:
        assert (order.indices(step) == Order(*lengths, config, 1).indices(step)).all()


def test_another_process_finds_the_same_order():
    script = (
        "import numpy as np; from lengthwise.data.order import Order; from lengthwise.data.batching import BatchConfig;"
        "n = np.arange(1, 2001, dtype=np.int32) % 50 + 1;"
        "print(Order(n, n[::-1], BatchConfig(tokens=500), 7).indices(1234).tolist())"
    )
    lengths = np.arange(1, 2001, dtype=np.int32) % 50 + 1
    here = Order(lengths, lengths[::-1], BatchConfig(tokens=500), 7).indices(1234).tolist()
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == str(here)


def test_epochs_and_seeds_are_cut_and_shuffled_anew():
    lengths = sentences(3000)
    order, other = Order(*lengths, BatchConfig(), 0), Order(*lengths, BatchConfig(), 1)
    first = {tuple(sorted(rows)) for rows in order.epoch(0)}
    assert len(first & {tuple(sorted(rows)) for rows in order.epoch(1)}) < 0.1 * len(first)
    assert len(first & {tuple(sorted(rows)) for rows in other.epoch(0)}) < 0.1 * len(first)
    longest = [lengths[0][rows].max() for rows in order.epoch(0)]
    assert abs(np.corrcoef(longest, np.arange(len(longest)))[0, 1]) < 0.4


def test_rows_of_a_batch_meet_others_in_the_next_epoch():
    order = Order(*sentences(20_000), BatchConfig(), 0)
    batch_of = np.zeros(20_000, dtype=int)
    for number, rows in enumerate(order.epoch(1)):
        batch_of[rows] = number
    together = [np.mean(batch_of[rows] == batch_of[rows[0]]) for rows in order.epoch(0) if len(rows) > 20]
    assert np.mean(together) < 0.6


@pytest.mark.parametrize("tokens", [2048, 4096])
def test_little_is_wasted_on_padding(tokens):
    order = Order(*sentences(100_000), BatchConfig(tokens=tokens), 0)
    assert max(order.padding_waste(epoch) for epoch in range(3)) < 0.03


def test_few_batches_are_far_from_full():
    lengths = sentences(50_000)
    order = Order(*lengths, BatchConfig(), 0)
    padded = [sum(int(side[rows].max()) for side in lengths) * len(rows) for rows in order.epoch(2)]
    assert np.mean(np.array(padded) > 0.9 * 4096) > 0.95


def test_an_epoch_of_a_hundred_and_fifty_thousand_rows_is_built_in_a_moment():
    order = Order(*sentences(150_000), BatchConfig(), 0)
    began = time.process_time()
    order.epoch(0)
    assert time.process_time() - began < 0.3


def test_nothing_to_order_is_an_error():
    with pytest.raises(ValueError, match="must have at least one row"):
        Order(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32), BatchConfig(), 0)


def test_a_negative_step_is_an_error():
    with pytest.raises(ValueError, match="`step` must be at least 0, but is -1"):
        Order(*sentences(10), BatchConfig(), 0).indices(-1)


def test_short_batches_come_in_turn_while_rows_are_to_be_short():
    random = np.random.default_rng(0)
    lengths = random.integers(2, 60, 2000)
    order = Order(lengths, lengths, BatchConfig(tokens=512), seed=0)
    seen = [order.indices(step, 20) for step in range(100)]
    assert all(lengths[rows].max() <= 20 for rows in seen)
    assert len({rows.tobytes() for rows in seen}) > 10
    # Where none is that short, the shortest one is taken.
    assert lengths[order.indices(3, 1)].max() == min(lengths[rows].max() for rows in order.epoch(0))
    np.testing.assert_array_equal(order.indices(7, 1000), order.epoch(0)[7 % len(order.epoch(0))])
