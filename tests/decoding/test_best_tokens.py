"""The likeliest tokens against a full normalisation and a stable sort."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.contracts import EOS
from lengthwise.decoding.best_tokens import best_tokens, first_highest


def _sorted(values: torch.Tensor, count: int) -> torch.Tensor:
    return torch.sort(values, dim=-1, descending=True, stable=True).indices[:, :count]


@pytest.mark.parametrize("vocab", [5, 19, 100, 1029, 8000])
@pytest.mark.parametrize("num_rows", [1, 3, 130])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_likeliest_words_are_those_of_a_full_log_softmax(vocab, num_rows, dtype):
    logits = (torch.randn(num_rows, vocab, generator=torch.Generator().manual_seed(vocab)) * 4).to(dtype)
    best = best_tokens(logits, 4)
    log_probs = logits.float().log_softmax(-1)
    count = min(4, vocab - 3)
    expected = _sorted(logits[:, 3:], count) + 3
    assert torch.equal(best.tokens[:, :count], expected)
    torch.testing.assert_close(best.log_probs[:, :count], log_probs.gather(1, expected), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(best.eos, log_probs[:, EOS], atol=1e-5, rtol=1e-5)
    assert (best.log_probs[:, count:] == -torch.inf).all()


def test_probabilities_keep_their_digits_far_below_the_best():
    logits = torch.zeros(1, 5000)
    logits[0, 9] = 60.0
    best = best_tokens(logits, 2)
    assert best.tokens.tolist() == [[9, 3]]
    torch.testing.assert_close(best.log_probs, torch.tensor([[0.0, -60.0]]))


@given(scale=st.floats(1e-3, 1e4), seed=st.integers(0, 100))
def test_no_log_probability_is_above_zero(scale, seed):
    logits = torch.randn(20, 40, generator=torch.Generator().manual_seed(seed)) * scale
    best = best_tokens(logits, 3)
    assert (best.log_probs <= 0).all() and (best.eos <= 0).all()


def test_a_row_has_the_same_answer_in_every_batch():
    logits = torch.randn(150, 3000, generator=torch.Generator().manual_seed(0))
    together = best_tokens(logits, 3)
    alone = [best_tokens(row[None], 3) for row in logits]
    for ours, parts in zip(together, zip(*alone, strict=True), strict=True):
        assert torch.equal(ours, torch.cat(parts))


@settings(max_examples=60, deadline=None)
@given(
    num_columns=st.integers(1, 3000),
    count=st.integers(1, 40),
    num_values=st.integers(1, 300),
    seed=st.integers(0, 1000),
)
def test_the_first_of_equals_is_the_lower_column(num_columns, count, num_values, seed):
    values = torch.randint(num_values, (3, num_columns), generator=torch.Generator().manual_seed(seed)).float()
    values[values == 0] = -torch.inf
    count = min(count, num_columns)
    assert torch.equal(first_highest(values, count), _sorted(values, count))


@pytest.mark.parametrize("broken", [torch.nan, torch.inf])
@pytest.mark.parametrize("column", [0, 1, 2, 3, 2999])
def test_a_number_that_is_none_is_refused_wherever_it_stands(broken, column):
    logits = torch.zeros(90, 3000)
    logits[77, column] = broken
    with pytest.raises(ValueError, match="must be numbers, but some are NaN"):
        best_tokens(logits, 2)


def test_words_a_model_rules_out_stay_ruled_out():
    logits = torch.full((1, 2000), -torch.inf)
    logits[0, [EOS, 1500]] = 0.0
    best = best_tokens(logits, 4)
    assert best.tokens[0, 0] == 1500 and len(set(best.tokens[0].tolist())) == 4
    assert best.log_probs[0].isfinite().tolist() == [True, False, False, False]
