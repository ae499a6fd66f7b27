import pytest
import torch

from lengthwise.contracts import EOS, PAD, Batch, Feature, Features

VOCAB = 23


@pytest.fixture
def features() -> Features:
    side = Feature(size=VOCAB, digits=(5, 6, 7, 8, 9, 10))
    return Features(inputs=side, targets=side, is_shared=True, growth=(1, 1), places="index")


@pytest.fixture
def batch() -> Batch:
    generator = torch.Generator().manual_seed(3)

    def rows(lengths: list[int]) -> torch.Tensor:
        ids = torch.full((len(lengths), max(lengths)), PAD)
        for row, length in zip(ids, lengths, strict=True):
            row[:length] = torch.randint(3, VOCAB, (length,), generator=generator)
            row[length - 1] = EOS
        return ids

    return Batch(rows([7, 4, 6]), rows([5, 6, 3]))
