"""Writing rows token by token."""

import torch

from lengthwise.contracts import EOS
from lengthwise.decoding.rows import write_rows


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
