import torch
from torch import nn

from lengthwise.parallel.replica import Replica


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(5, 3)
        self.head = nn.Linear(3, 5, bias=False)
        self.head.weight = self.embedding.weight
        self.register_buffer("table", torch.arange(4.0), persistent=False)
        self.table: torch.Tensor


def test_a_replica_has_the_weights_the_shared_ones_and_all_buffers():
    model = Tied()
    replica = Replica(model)
    model.table += 1
    given = torch.randn(5, 3)
    made = replica.filled({**model.state_dict(), "embedding.weight": given}, model)
    assert isinstance(made, Tied) and made.head.weight is made.embedding.weight
    assert torch.equal(made.embedding.weight, given) and torch.equal(made.table, model.table)
    assert not made.training and not torch.equal(model.embedding.weight, given)
