import pytest
import torch

from lengthwise.layers.attention import attend
from lengthwise.layers.beam_memory import BeamMemory
from lengthwise.layers.masks import Mask

KEYS = torch.tensor([[True] * 5, [True] * 3 + [False] * 2, [True] * 4 + [False]])


def memory() -> BeamMemory:
    torch.manual_seed(0)
    return BeamMemory([(torch.randn(3, 2, 5, 4), torch.randn(3, 2, 5, 4)) for _ in range(2)], Mask(keys=KEYS))


@pytest.mark.parametrize(
    "orders",
    [[[0, 1, 2]], [[0, 0, 1, 1, 2, 2]], [[2, 0]], [[1, 1, 1], [0, 2, 1]], [[0, 0, 1, 1, 2, 2], [1, 0, 3, 3, 4, 5]],
     [[0, 0, 1, 1, 2, 2], [4, 5, 0, 1]], [[0, 0, 1, 1, 2, 2], [5, 0, 2]], [[0, 1, 1, 2]], [[]]],
)  # fmt: skip
def test_every_row_reads_its_own_sentence_after_any_orders(orders):
    found, rows = memory(), torch.arange(3)
    keys, values = found.memories[1]
    for order in orders:
        found.reorder(torch.tensor(order, dtype=torch.long))
        rows = rows[torch.tensor(order, dtype=torch.long)]
    assert len(found) == len(rows)
    if not orders[0]:
        return
    queries = torch.randn(len(rows), 2, 4)
    expected = attend(queries[:, :, None], keys[rows], values[rows], Mask(keys=KEYS[rows]))[:, :, 0]
    torch.testing.assert_close(found.attend(1, queries), expected)


def test_rows_of_a_beam_share_one_memory_that_is_not_moved():
    found = memory()
    found.reorder(torch.arange(3).repeat_interleave(4))
    keys = found.memories[0][0]
    found.reorder(torch.tensor([0, 0, 1, 3, 4, 5, 6, 7, 11, 10, 9, 8]))
    assert found.memories[0][0] is keys
    assert len(keys) == 3
