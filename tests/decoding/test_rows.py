"""Writing rows token by token."""

import torch

from lengthwise.contracts import EOS
from lengthwise.decoding.rows import Prefixes, write_rows


def test_each_row_stops_for_itself_and_is_named_by_its_own_number(table):
    model = table(torch.zeros(1, 9, 9))
    seen = []

    def choose(logits, rows, step):
        seen.append(rows.tolist())
        tokens = torch.where(rows == step, EOS, 3 + step)
        return tokens, torch.full((len(rows),), -1.0)

    limits = torch.tensor([9, 9, 9, 2])
    found = write_rows(model, torch.full((4, 1), 3), limits, choose, 0.0)
    assert [one.tokens for one in found] == [[], [3], [3, 4], [3, 4]]
    assert [one.log_prob for one in found] == [-1.0, -2.0, -3.0, -2.0]
    assert seen == [[0, 1, 2, 3], [1, 2, 3], [2]]


def test_rows_begin_with_their_prefixes_which_cost_nothing(recurrent):
    model = recurrent(9)

    def choose(logits, rows, step):
        return torch.full_like(rows, 5), torch.full((len(rows),), -1.0)

    prefixes = Prefixes(torch.tensor([[3, 4], [7, 0], [0, 0]]))
    found = write_rows(model, prefixes, torch.tensor([4, 3, 2]), choose, 0.0)
    assert [one.tokens for one in found] == [[3, 4, 5, 5], [7, 5, 5], [5, 5]]
    assert [one.log_prob for one in found] == [-2.0, -2.0, -2.0]


def test_rows_end_with_what_they_have_written_behind_their_prefixes(recurrent):
    model, seen = recurrent(9), []

    def choose(logits, rows, step):
        seen.append(rows.tolist())
        return torch.full_like(rows, 5), torch.full((len(rows),), -1.0)

    prefixes = Prefixes(torch.tensor([[5, 5], [7, 0]]), lambda tokens: tokens == [5, 5])
    found = write_rows(model, prefixes, torch.tensor([9, 3]), choose, 0.0)
    assert [one.tokens for one in found] == [[5, 5, 5, 5], [7, 5, 5]] and len(seen) == 3
