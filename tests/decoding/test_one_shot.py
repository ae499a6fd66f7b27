"""Outputs of models that write everything at once."""

import torch

from lengthwise.contracts import Batch, OneShot, Output
from lengthwise.decoding.one_shot import one_shot


class Reverse(OneShot):
    """Writes the words of its input backwards; where padding came first, it stays inside."""

    def forward(self, batch: Batch) -> Output:
        raise AssertionError("Decoding must not run a model on targets.")

    def predict(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs.flip(1)


def test_an_answer_ends_at_its_first_end_and_has_no_padding():
    inputs = torch.tensor([[1, 5, 4, 3], [9, 1, 3, 0], [7, 6, 5, 4]])
    assert [one.tokens for one in one_shot(Reverse(), inputs)] == [[3, 4, 5], [3], [4, 5, 6, 7]]
