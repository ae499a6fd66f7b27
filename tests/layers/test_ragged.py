import torch

from lengthwise.layers.ragged import Ragged


def test_packing_and_unpacking_give_the_sequences_back_with_zeros_behind_them():
    lengths = torch.tensor([3, 5, 1])
    padded = torch.randn(3, 5, 2)
    layout = Ragged.of(lengths)
    expected = padded * (torch.arange(5) < lengths[:, None])[..., None]
    assert torch.equal(layout.unpack(layout.pack(padded)), expected)


def test_the_longest_come_first_with_a_zero_row_around_each():
    layout = Ragged.of(torch.tensor([1, 3]))
    packed = layout.pack(torch.tensor([[[1.0], [0.0], [0.0]], [[2.0], [3.0], [4.0]]]))
    assert packed[:, 0].tolist() == [0, 2, 3, 4, 0, 1, 0]


def test_steps_know_how_far_the_sequences_that_go_on_reach():
    assert Ragged.of(torch.tensor([1, 3, 3])).active == [(3, 11), (2, 9), (2, 9)]


def test_values_are_spread_over_their_sequences_positions():
    assert Ragged.of(torch.tensor([1, 2])).spread(torch.tensor([7.0, 8.0])).tolist() == [0, 7, 7, 0, 8, 0]
