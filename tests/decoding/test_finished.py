"""The table of finished hypotheses."""

import torch

from lengthwise.decoding.finished import Finished


def _entries(scores: list[float], first_slot: int) -> Finished:
    slots = torch.arange(first_slot, first_slot + len(scores))[None]
    return Finished(torch.tensor([scores]), torch.tensor([scores]) * 2, slots * 10, slots)


def test_the_best_of_both_stay_and_the_older_wins_a_tie():
    table = Finished.empty(1, 3, torch.device("cpu")).merge(_entries([-3.0, -1.0, -torch.inf], 1))
    assert table.slots.tolist() == [[2, 1, 0]]
    table = table.merge(_entries([-2.0, -3.0, -0.5], 4))
    assert table.slots.tolist() == [[6, 2, 4]]
    assert table.log_probs.tolist() == [[-1.0, -2.0, -4.0]] and table.ends.tolist() == [[60, 20, 40]]
    assert table.merge(_entries([-1.0, -1.0, -1.0], 7)).slots.tolist() == [[6, 2, 7]]


def test_filling_takes_only_empty_places_in_order():
    table = _entries([-5.0, -torch.inf, -torch.inf], 1).fill(_entries([-1.0, -torch.inf, -2.0], 4))
    assert table.slots.tolist() == [[1, 4, 6]]


def test_rows_put_into_a_table_leave_the_others_and_each_column_to_itself():
    table = Finished.empty(3, 2, torch.device("cpu"))
    table.put(torch.tensor([1]), _entries([-1.0, -2.0], 7))
    assert table.scores.tolist()[1] == [-1.0, -2.0] and table.log_probs.tolist()[1] == [-2.0, -4.0]
    assert table.ends.tolist() == [[0, 0], [70, 80], [0, 0]] and table.slots.tolist()[1] == [7, 8]
    assert table.rows(torch.tensor([2, 1])).slots.tolist() == [[0, 0], [7, 8]]
