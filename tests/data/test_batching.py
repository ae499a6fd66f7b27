import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.batching import BatchConfig, cut, jittered, length_ranks, padded_tokens, padding_waste

Lengths = tuple[np.ndarray, np.ndarray]


def both_sides(pairs: list[tuple[int, int]]) -> Lengths:
    inputs, targets = np.array(pairs, dtype=np.int32).T
    return inputs, targets


LENGTHS = st.lists(
    st.tuples(st.integers(0, 3) | st.integers(0, 40), st.integers(1, 3) | st.integers(1, 40)), min_size=1, max_size=80
).map(both_sides)
# Built in the test: a type checker that samples draws random numbers, which no strategy may.
CONFIGS = st.fixed_dictionaries({"tokens": st.integers(2, 20) | st.integers(2, 200), "max_rows": st.integers(1, 20)})


@given(LENGTHS, CONFIGS)
def test_a_batch_is_as_large_as_the_budget_allows_and_no_larger(lengths: Lengths, config):
    config = BatchConfig(**config)
    begins = cut(*lengths, config)
    sizes = padded_tokens(*lengths, begins)
    assert begins[0] == 0 and begins[-1] == len(lengths[0]) and (np.diff(begins) > 0).all()
    for begin, end, size in zip(begins, begins[1:], sizes, strict=False):
        assert end - begin == 1 or (size <= config.tokens and end - begin <= config.max_rows)
        if end < len(lengths[0]):
            one_more = sum(int(side[begin : end + 1].max()) for side in lengths) * (end + 1 - begin)
            assert one_more > config.tokens or end + 1 - begin > config.max_rows


def test_no_rows_are_no_batches():
    nothing = np.zeros(0, dtype=np.int32)
    assert cut(nothing, nothing, BatchConfig()).tolist() == [0]
    assert padded_tokens(nothing, nothing, np.array([0])).tolist() == []
    assert padding_waste(nothing, nothing, []) == 0.0


@given(LENGTHS)
def test_ranks_tell_where_rows_of_equal_lengths_begin(lengths: Lengths):
    begins, counts = length_ranks(*lengths)
    order = np.argsort(begins, kind="stable")
    for row, (begin, count) in enumerate(zip(begins, counts, strict=True)):
        same = (lengths[0] == lengths[0][row]) & (lengths[1] == lengths[1][row])
        assert count == same.sum() and set(order[begin : begin + count]) == set(np.flatnonzero(same))


@given(LENGTHS, st.integers(0, 9))
def test_without_jitter_rows_of_equal_lengths_alone_change_places(lengths: Lengths, seed):
    ranks = length_ranks(*lengths)
    rows = jittered(ranks, 0, np.random.default_rng(seed))
    assert sorted(rows) == list(range(len(rows)))
    assert (np.diff(ranks[0][rows]) >= 0).all()


@given(LENGTHS, st.floats(0, 20))
def test_a_row_moves_no_further_than_the_jitter(lengths: Lengths, num_neighbours):
    begins, counts = length_ranks(*lengths)
    rows = jittered((begins, counts), np.full(len(begins), num_neighbours), np.random.default_rng(0))
    keys_before = np.sort(begins)
    assert (np.abs(begins[rows] - keys_before) <= 2 * num_neighbours + counts.max()).all()


def test_waste_is_the_share_of_padding():
    batches = [np.array([0, 2]), np.array([1])]
    assert padding_waste(np.array([1, 5, 3]), np.array([2, 4, 2]), batches) == pytest.approx(1 - 17 / 19)


@pytest.mark.parametrize(("name", "value"), [("tokens", 1), ("max_rows", 0), ("jitter", -0.1)])
def test_a_size_that_cannot_be_is_refused(name, value):
    with pytest.raises(ValueError, match=f"`batch.{name}` must be at least .* but is {value}"):
        BatchConfig(**{name: value})


def test_the_longest_row_grows_over_the_warm_up_and_then_all_are_taken():
    config = BatchConfig(warmup_steps=10, warmup_length=4)
    assert [config.longest_at(step, 24) for step in (0, 5, 9, 10, 11)] == [4, 14, 22, None, None]
    assert BatchConfig().longest_at(0, 24) is None and config.longest_at(0, 3) is None
