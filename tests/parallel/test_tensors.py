import torch
from torch import nn

from lengthwise.parallel.tensors import is_divided, like, local, local_rows, whole


def test_an_undivided_tensor_is_its_own_part_and_whole():
    tensor = torch.randn(3, 2)
    assert whole(tensor) is tensor and local(tensor) is tensor
    assert like(tensor, tensor) is tensor and local_rows(tensor, tensor) is tensor
    assert not is_divided(nn.Linear(2, 2))
