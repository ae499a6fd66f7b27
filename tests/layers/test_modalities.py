import pytest
import torch

from lengthwise.layers.modalities import ImagePatches, channels_first, pooled


def test_patches_are_squares_row_by_row():
    patches = ImagePatches((4, 6), 2, 2, 5)
    image = torch.rand(3, 4, 6, 2)
    found = patches(image)
    assert found.shape == (3, 6, 5)
    second = ((image[:, 0:2, 2:4].reshape(3, -1) - 0.5) / 0.25) @ patches.projection.weight.T + patches.projection.bias
    torch.testing.assert_close(found[:, 1], second)


def test_patches_must_fit():
    with pytest.raises(ValueError, match="`model.patch` must divide images of 5 x 6, but is 2"):
        ImagePatches((5, 6), 1, 2, 8)


def test_convolutions_read_channels_first():
    image = torch.rand(2, 3, 4, 1)
    torch.testing.assert_close(channels_first(image)[:, 0] * 0.25 + 0.5, image[..., 0])
    torch.testing.assert_close(pooled(channels_first(image)), channels_first(image).mean((2, 3)))
