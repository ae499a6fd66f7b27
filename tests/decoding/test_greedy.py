"""Greedy search against a plain loop."""

import pytest
import torch

from lengthwise.contracts import EOS
from lengthwise.decoding.greedy import greedy


def _by_hand(model, source: list[int], limit: int) -> tuple[list[int], float]:
    state = model.start(torch.tensor([source]), limit)
    written, total, last = [], 0.0, 2
    while len(written) < limit and last != EOS:
        log_probs = model.step(torch.tensor([last]), state).log_softmax(-1)[0]
        log_probs[[0, 2]] = -torch.inf
        last = int(log_probs.argmax())
        total += float(log_probs[last])
        written.append(last)
    return [token for token in written if token != EOS], total


def test_it_writes_the_likeliest_token_until_the_end_or_the_limit(recurrent):
    model = recurrent(vocab=30, seed=4, eos_bias=2.0)
    sources = [[3 + row, 5 + row, EOS] for row in range(20)]
    limits = torch.arange(20) % 7 + 1
    found = greedy(model, torch.tensor(sources), limits, length_penalty=1.0)
    for source, limit, one in zip(sources, limits.tolist(), found, strict=True):
        tokens, log_prob = _by_hand(model, source, limit)
        assert one.tokens == tokens
        assert one.log_prob == pytest.approx(log_prob, abs=1e-4)
        length = min(len(tokens) + 1, limit)
        assert one.score == pytest.approx(log_prob / ((5 + length) / 6), abs=1e-4)
    assert len({len(one.tokens) for one in found}) > 3


def test_the_end_wins_a_tie_and_the_lower_word_the_next(table):
    model = table(torch.zeros(1, 6, 6))
    assert greedy(model, torch.tensor([[3]]), torch.tensor([4]))[0].tokens == []
    model = table(torch.zeros(1, 6, 6).index_fill(-1, torch.tensor([EOS]), -1.0))
    assert greedy(model, torch.tensor([[3]]), torch.tensor([4]))[0].tokens == [3, 3, 3, 3]
