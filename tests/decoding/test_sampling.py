"""Sampling: the distribution drawn from, its cuts, and that a batch changes nothing."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.contracts import EOS, PAD, START
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.greedy import greedy
from lengthwise.decoding.sampling import distribution, invert, sample, seed_of_row


def _weights(logits: torch.Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> torch.Tensor:
    columns, weights = distribution(logits, temperature, top_k, top_p)
    whole = torch.zeros_like(logits, dtype=torch.float32).scatter(1, columns, weights)
    return whole / whole.sum(-1, keepdim=True)


LOGITS = torch.tensor([[9.0, 0.0, 9.0, 2.0, 1.0, 3.0, 1.0]])


def test_everything_but_padding_and_start_can_be_drawn():
    expected = LOGITS.clone()
    expected[:, [0, 2]] = -torch.inf
    torch.testing.assert_close(_weights(LOGITS), expected.softmax(-1))
    torch.testing.assert_close(_weights(LOGITS, temperature=0.5), (expected / 0.5).softmax(-1))


def test_top_k_keeps_the_likeliest_and_the_lower_of_equals():
    assert (_weights(LOGITS, top_k=1) > 0).nonzero()[:, 1].tolist() == [5]
    assert (_weights(LOGITS, top_k=3) > 0).nonzero()[:, 1].tolist() == [3, 4, 5]
    torch.testing.assert_close(_weights(LOGITS, top_k=99), _weights(LOGITS))


def test_top_p_keeps_the_fewest_that_reach_it_and_at_least_one():
    logits = torch.tensor([[0.0, 0.1, 0.0, 0.4, 0.2, 0.3]]).log()
    assert (_weights(logits, top_p=1e-9) > 0).nonzero()[:, 1].tolist() == [3]
    assert (_weights(logits, top_p=0.41) > 0).nonzero()[:, 1].tolist() == [3, 5]
    assert (_weights(logits, top_p=0.69) > 0).nonzero()[:, 1].tolist() == [3, 5]
    assert (_weights(logits, top_p=0.71) > 0).nonzero()[:, 1].tolist() == [3, 4, 5]
    torch.testing.assert_close(_weights(logits, top_p=0.9999999), _weights(logits))
    halves = torch.full((1, 6), -torch.inf).index_fill(1, torch.tensor([3, 5]), 0.0)
    assert (_weights(halves, top_p=0.5) > 0).nonzero()[:, 1].tolist() == [3]


def test_top_p_is_reckoned_among_the_top_k():
    logits = torch.tensor([[0.0, 0.1, 0.0, 0.4, 0.2, 0.3]]).log()
    # .4 and .3 of .7: the first alone has 57 %.
    assert (_weights(logits, top_k=2, top_p=0.5) > 0).nonzero()[:, 1].tolist() == [3]


def test_a_temperature_near_zero_is_greedy(recurrent):
    model = recurrent(vocab=20, seed=2)
    inputs, limits = torch.arange(3, 20)[:, None], torch.full((17,), 8)
    drawn = sample(model, inputs, limits, range(17), DecodeConfig(method="sampling", temperature=1e-30))
    assert [one.tokens for one in drawn] == [one.tokens for one in greedy(model, inputs, limits)]


def test_draws_have_the_distribution_asked_for(table):
    logits = torch.tensor([0.0, 0.1, 0.0, 0.4, 0.2, 0.3]).log().expand(1, 6, 6)
    num_rows = 4000
    limits = torch.ones(num_rows, dtype=torch.long)
    seeds = [seed_of_row(0, row) for row in range(num_rows)]
    drawn = sample(table(logits), torch.full((num_rows, 1), 3), limits, seeds, DecodeConfig(method="sampling"))
    words = [one.tokens[0] if one.tokens else EOS for one in drawn]
    shares = [words.count(token) / num_rows for token in range(6)]
    # Four standard deviations of a share of one half.
    assert shares == pytest.approx([0, 0.1, 0, 0.4, 0.2, 0.3], abs=4 * 0.5 / num_rows**0.5)


def test_a_batch_draws_what_its_rows_draw_alone(recurrent):
    model = recurrent(vocab=20, seed=1)
    config = DecodeConfig(method="sampling", temperature=1.3, top_k=15, top_p=0.95)
    inputs = torch.arange(3, 20)[:, None]
    limits = torch.arange(17) + 2
    together = sample(model, inputs, limits, range(17), config)
    alone = [sample(model, inputs[[row]], limits[[row]], [row], config)[0] for row in range(17)]
    assert together == alone
    assert together != sample(model, inputs, limits, range(1, 18), config)


def test_the_log_prob_is_the_models_own(recurrent):
    model = recurrent(vocab=20, seed=1)
    config = DecodeConfig(method="sampling", temperature=3.0, top_k=5)
    one = sample(model, torch.tensor([[3]]), torch.tensor([6]), [0], config)[0]
    state = model.start(torch.tensor([[3]]), 6)
    total, last = 0.0, 2
    for token in [*one.tokens, EOS][:6]:
        total += float(model.step(torch.tensor([last]), state).log_softmax(-1)[0, token])
        last = token
    assert one.log_prob == pytest.approx(total, abs=1e-4)


@settings(deadline=None)
@given(
    weights=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=50).filter(lambda weights: sum(weights) > 0),
    quantile=st.floats(0, 1, exclude_max=True, width=32),
)
def test_a_weight_of_zero_is_never_drawn(weights, quantile):
    column = int(invert(torch.tensor([weights]), torch.tensor([quantile])))
    assert weights[column] > 0


def test_a_quantile_falls_into_its_column():
    weights = torch.tensor([[1.0, 0.0, 2.0, 1.0]]).expand(6, 4)
    quantiles = torch.tensor([0.0, 0.24, 0.25, 0.74, 0.75, 1 - 2**-24])
    assert invert(weights, quantiles).tolist() == [0, 0, 2, 2, 3, 3]


def test_seeds_of_rows_differ():
    assert len({seed_of_row(seed, row) for seed in range(20) for row in range(20)}) == 400


def test_logits_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="must be numbers"):
        distribution(torch.tensor([[0.0, 0.0, 0.0, torch.nan, 0.0]]))


@pytest.mark.parametrize(("sharpness", "sorted_ones"), [(1.0, 3000), (3.0, 512), (8.0, 64)])
def test_sorting_the_likeliest_alone_draws_as_sorting_all_does(sharpness, sorted_ones):
    """In a vocabulary of which 64, 512 or only all tokens have `top_p` together."""
    logits = sharpness * torch.randn(5, 3000)
    columns, weights = distribution(logits, top_p=0.9)
    ordered, places = logits.index_fill(-1, torch.tensor([PAD, START]), -torch.inf).softmax(-1).sort(descending=True)
    expected = ordered.masked_fill(ordered.cumsum(-1) - ordered >= 0.9, 0)
    count = columns.shape[1]
    assert count == sorted_ones
    torch.testing.assert_close(weights, expected[:, :count])
    assert not expected[:, count:].any() and torch.equal(columns[weights > 0], places[expected > 0])
