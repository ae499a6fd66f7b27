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


@pytest.fixture
def image_features() -> Features:
    """Of small images of two classes."""
    image = Feature(modality="image", size=1, shape=(8, 8))
    return Features(inputs=image, targets=Feature(modality="label", size=5), growth=(0, 0))


@pytest.fixture
def bright_halves() -> Batch:
    """32 images of noise, the upper or the lower half of which is brighter."""
    generator = torch.Generator().manual_seed(0)
    images, classes = torch.rand(32, 8, 8, 1, generator=generator) * 0.5, torch.arange(32) % 2
    images[classes == 0, :4] += 0.5
    images[classes == 1, 4:] += 0.5
    return Batch(images, 3 + classes[:, None])
