"""When a sentence stops."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.decoding.stopping import (
    LONGEST,
    is_ahead,
    is_drop_worth,
    is_settled,
    length_penalty,
    max_length,
    max_lengths,
)


def test_the_longest_output_grows_with_the_source_up_to_a_bound():
    assert max_lengths([1, 10, 8000]).tolist() == [22, 40, LONGEST]
    assert max_lengths([1, 10, 8000], 300).tolist() == [300, 300, 300]
    assert max_length(5000, 9000) == 9000


def test_a_problem_that_knows_how_long_its_outputs_get_says_so():
    assert max_lengths([10, 4001], growth=(6, 0)).tolist() == [55, 24001]
    assert max_length(10, 7, growth=(6, 0)) == 7


def test_the_length_penalty_is_that_of_the_paper():
    lengths = torch.tensor([1, 7, 25])
    assert length_penalty(lengths, 0.0).tolist() == [1, 1, 1]
    assert length_penalty(lengths, 1.0).tolist() == pytest.approx([1, 2, 5])
    assert length_penalty(lengths, 0.6).tolist() == pytest.approx([1, 2**0.6, 5**0.6])


@given(
    best=st.floats(-20, 0),
    live=st.floats(-30, 0),
    limit=st.integers(2, 60),
    alpha=st.sampled_from([0.0, 0.6, 1.0, 2.0]),
)
def test_a_sentence_is_settled_exactly_when_no_length_can_lift_a_live_one_higher(best, live, limit, alpha):
    finished = torch.tensor([[best, -torch.inf]])
    alive = torch.tensor([[live - 1, live]])
    reachable = max(alive[0, 1] / length_penalty(torch.tensor(length), alpha) for length in range(1, limit + 1))
    assert bool(is_settled(finished, alive, torch.tensor([limit]), alpha, 1)) == bool(finished[0, 0] >= reachable)
    assert not is_settled(finished, alive, torch.tensor([limit]), alpha, 2)


def test_a_live_one_is_ahead_that_would_be_among_the_best_if_it_ended_now():
    finished, live = torch.tensor([[-2.0, -4.0]]), torch.tensor([[-6.0, -3.0]])
    assert [bool(is_ahead(finished, live, 7, alpha, 1)) for alpha in (0.0, 1.0)] == [False, True]
    assert is_ahead(finished, live, 7, 0.0, 2) and not is_ahead(finished, live - 1, 7, 0.0, 2)


def test_dropping_pays_for_a_quarter_of_the_batch_or_for_eight():
    assert [is_drop_worth(1, 4), is_drop_worth(1, 5), is_drop_worth(8, 100), is_drop_worth(7, 100)] == [1, 0, 1, 0]
