"""Greedy decoding and prefix beam search against every path there is."""

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.decoding.ctc import collapse, ctc_beam_search, ctc_greedy


def frames(num_frames: int, vocab: int, seed: int, batch: int = 1, sharpness: float = 1.0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return (sharpness * torch.randn(batch, num_frames, vocab, generator=random)).log_softmax(-1)


def every_output(log_probs: torch.Tensor, blank: int) -> dict[tuple[int, ...], float]:
    """Log-probability of everything that paths of one row stand for, summed path by path."""
    found: dict[tuple[int, ...], float] = defaultdict(float)
    for path in itertools.product(range(log_probs.shape[1]), repeat=len(log_probs)):
        without_repeats = [token for token, _ in itertools.groupby(path)]
        output = tuple(token for token in without_repeats if token != blank)
        found[output] += math.exp(sum(float(row[token]) for row, token in zip(log_probs.double(), path, strict=True)))
    return {output: math.log(value) for output, value in found.items()}


@pytest.mark.parametrize("blank", [0, 1, 3])
@pytest.mark.parametrize("seed", range(3))
def test_a_wide_beam_finds_the_best_of_all_outputs_in_order(blank, seed):
    log_probs = frames(5, 4, seed)
    best = ctc_beam_search(log_probs, torch.tensor([5]), blank=blank, beam=2000, num_return=25)[0]
    found = [best, *best.alternatives]
    every = every_output(log_probs[0], blank)
    assert [tuple(one.tokens) for one in found] == sorted(every, key=lambda output: -every[output])[:25]
    for one in found:
        assert one.log_prob == pytest.approx(every[tuple(one.tokens)], abs=1e-9) and one.score == one.log_prob


def test_nothing_is_lost_and_nothing_counted_twice():
    log_probs = frames(4, 3, 5)
    best = ctc_beam_search(log_probs, torch.tensor([4]), blank=2, beam=10_000, num_return=10_000)[0]
    found = [tuple(one.tokens) for one in (best, *best.alternatives)]
    assert len(found) == len(set(found)) == len(every_output(log_probs[0], 2))
    assert sum(math.exp(one.log_prob) for one in (best, *best.alternatives)) == pytest.approx(1, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(2, 4))
def test_a_beam_finds_what_is_best_where_the_model_is_sure(seed, num_frames, vocab):
    log_probs = frames(num_frames, vocab, seed, sharpness=8)
    every = every_output(log_probs[0], 0)
    best, second = sorted([*every.values(), -99.0])[-1:-3:-1]
    found = ctc_beam_search(log_probs, torch.tensor([num_frames]), blank=0, beam=16)[0]
    if best - second > 1:
        assert every[tuple(found.tokens)] == best
    # What was dropped on the way is missing from the sum.
    assert found.log_prob <= every[tuple(found.tokens)] + 1e-6


def language_model(prefixes) -> np.ndarray:
    """Made up: each token's share depends on the prefix; at the blank's place (0), that of ending."""
    rows = []
    for prefix in prefixes:
        random = np.random.default_rng(sum(7 * token + 3**place for place, token in enumerate(prefix)))
        row = random.normal(size=4)
        rows.append(row - np.log(np.exp(row).sum()))
    return np.array(rows)


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_a_language_model_counts_at_every_token_and_at_the_end(weight):
    log_probs = frames(5, 4, 1)
    every = every_output(log_probs[0], 0)
    exact = {}
    for output, log_prob in every.items():
        steps = [language_model([output[:place]])[0][token] for place, token in enumerate((*output, 0))]
        exact[output] = log_prob + weight * sum(steps)
    best = ctc_beam_search(
        log_probs,
        torch.tensor([5]),
        blank=0,
        beam=2000,
        num_return=20,
        continuations=lambda prefixes: weight * language_model(prefixes),
    )[0]
    found = [best, *best.alternatives]
    assert [tuple(one.tokens) for one in found] == sorted(exact, key=lambda output: -exact[output])[:20]
    for one in found:
        assert one.score == pytest.approx(exact[tuple(one.tokens)], abs=1e-9)
        assert one.log_prob == pytest.approx(every[tuple(one.tokens)], abs=1e-9)


def test_a_prefix_is_asked_for_once():
    asked: list[tuple[int, ...]] = []

    def continuations(prefixes):
        asked.extend(prefixes)
        return language_model(prefixes)

    ctc_beam_search(frames(8, 4, 0), torch.tensor([8]), blank=0, beam=5, continuations=continuations)
    assert len(asked) == len(set(asked)) > 5


def test_greedy_takes_the_likeliest_path():
    log_probs = frames(6, 4, 3, batch=5)
    lengths = torch.tensor([6, 5, 3, 1, 0])
    for found, row, length in zip(ctc_greedy(log_probs, lengths, blank=0), log_probs, lengths.tolist(), strict=True):
        paths = itertools.product(range(4), repeat=length)
        scores = {path: sum(float(row[i, token]) for i, token in enumerate(path)) for path in paths}
        best = max(scores, key=lambda path: scores[path])
        assert found.tokens == [token for token, _ in itertools.groupby(best) if token != 0]
        assert found.log_prob == pytest.approx(scores[best], abs=1e-5) and found.score == found.log_prob


@pytest.mark.parametrize(
    ("path", "blank", "tokens"),
    [
        ([], 0, []),
        ([0, 0], 0, []),
        ([0, 5, 5, 0, 5, 3, 3, 0], 0, [5, 5, 3]),
        ([1, 0, 0, 2], 2, [1, 0]),
        ([4, 4, 4], 2, [4]),
    ],
)
def test_a_path_loses_its_repeats_and_then_its_blanks(path, blank, tokens):
    assert collapse(path, blank) == tokens


def test_a_beam_sums_paths_where_greedy_takes_one():
    # Two frames: the blank twice is the likeliest path, but `1` the likelier output.
    log_probs = torch.tensor([[[0.6, 0.4], [0.6, 0.4]]]).log()
    assert ctc_greedy(log_probs, torch.tensor([2]), blank=0)[0].tokens == []
    best = ctc_beam_search(log_probs, torch.tensor([2]), blank=0)[0]
    assert best.tokens == [1] and math.exp(best.log_prob) == pytest.approx(0.64)


def test_rows_of_a_batch_answer_as_they_do_alone_whatever_is_behind_their_end():
    log_probs, lengths = frames(9, 5, 7, batch=4), torch.tensor([9, 4, 1, 0])
    together = ctc_beam_search(log_probs, lengths, blank=4, beam=4, num_return=3)
    for row, (found, length) in enumerate(zip(together, lengths.tolist(), strict=True)):
        alone = ctc_beam_search(
            log_probs[row : row + 1, :length], lengths[row : row + 1], blank=4, beam=4, num_return=3
        )
        assert alone == [found]
    assert together[3].tokens == [] and together[3].log_prob == 0


def test_what_is_impossible_is_not_found():
    log_probs = torch.tensor([[[0.0, 1.0, 0.0], [0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]]).log()
    best = ctc_beam_search(log_probs, torch.tensor([3]), blank=0, num_return=8)[0]
    found = {tuple(one.tokens): math.exp(one.log_prob) for one in (best, *best.alternatives)}
    assert found == {(1, 1): pytest.approx(0.5), (1,): pytest.approx(0.5)}


@pytest.mark.parametrize("decode", [ctc_greedy, ctc_beam_search])
def test_a_broken_model_is_told(decode):
    log_probs = frames(3, 4, 0)
    log_probs[0, 1, 2] = math.nan
    with pytest.raises(ValueError, match="must be numbers"):
        decode(log_probs, torch.tensor([3]), blank=0)
