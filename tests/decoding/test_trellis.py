"""Reading outputs back through a trellis."""

import torch

from lengthwise.decoding.trellis import Trellis


def test_an_output_is_read_back_through_its_parents_while_other_sentences_leave():
    trellis = Trellis(2, 2, torch.device("cpu"))
    both, second = torch.tensor([0, 1]), torch.tensor([1])
    trellis.add(both, torch.tensor([[10, 11], [20, 21]]), torch.tensor([[0, 0], [0, 0]]))
    trellis.add(both, torch.tensor([[12, 13], [22, 23]]), torch.tensor([[1, 0], [1, 1]]))
    trellis.add(second, torch.tensor([[24, 25]]), torch.tensor([[1, 0]]))
    ends, slots = torch.tensor([[2, 1, 0], [3, 3, 2]]), torch.tensor([[0, 1, 1], [0, 1, 1]])
    assert trellis.read(ends, slots).tolist() == [
        [[11, 12, 0], [11, 0, 0], [0, 0, 0]],
        [[21, 23, 24], [21, 22, 25], [21, 23, 0]],
    ]
