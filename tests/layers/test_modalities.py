import pytest
import torch

from lengthwise.contracts import Feature
from lengthwise.layers.modalities import (
    ImagePatches,
    IntensityMixture,
    bottom_of,
    channels_first,
    pooled,
    read,
)


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


def test_a_mixture_of_intensities_is_a_distribution_and_knows_each_target_alone():
    torch.manual_seed(0)
    head = IntensityMixture(6, 4, 259).double()
    head.spread_out()
    hidden = 3 * torch.randn(50, 6, dtype=torch.double)
    logits = head(hidden)
    assert logits.shape == (50, 259) and (logits[:, :3] < -1e8).all()
    torch.testing.assert_close(logits[:, 3:].logsumexp(-1), torch.zeros(50, dtype=torch.double), atol=1e-6, rtol=0)
    targets = torch.randint(3, 259, (50,))
    targets[:2] = torch.tensor([3, 258])
    torch.testing.assert_close(head.log_probs(hidden, targets), logits[torch.arange(50), targets])


def test_a_mixture_stays_finite_where_it_is_certain_and_wrong():
    head = IntensityMixture(2, 1, 259)
    torch.nn.init.zeros_(head.projection.weight)
    with torch.no_grad():
        head.projection.bias.copy_(torch.tensor([0.0, -1.0, -20.0]))
    hidden = torch.zeros(2, 2, requires_grad=True)
    found = head.log_probs(hidden, torch.tensor([3, 258]))
    found.sum().backward()
    assert head.projection.bias.grad is not None
    assert found[0] > -1 and found[1] < -100 and found.isfinite().all() and head.projection.bias.grad.isfinite().all()


@pytest.mark.parametrize(("shape", "positions"), [((8, 8), 64), ((28, 28), 49), ((64, 64), 64), ((7, 7), 49)])
def test_images_are_read_as_at_most_64_patches(shape: tuple[int, int], positions: int):
    bottom = bottom_of(Feature(modality="image", size=3, shape=shape), 16)
    vectors, ids = read(bottom, torch.rand(2, *shape, 3))
    assert vectors.shape == (2, positions, 16) and ids.shape == (2, positions) and bool((ids > 0).all())


def test_tokens_are_embedded_at_unit_size():
    bottom = bottom_of(Feature(size=9), 16)
    ids = torch.tensor([[3, 4, 0]])
    vectors, found = read(bottom, ids)
    assert found is ids and torch.equal(vectors, bottom(ids) * 4)


def test_sounds_are_read_at_a_quarter_of_their_rate_whatever_stands_behind_them():
    torch.manual_seed(0)
    bottom = bottom_of(Feature(modality="spectrogram", size=5), 16).double()
    sound = torch.cat([torch.randn(1, 13, 5, dtype=torch.double), torch.ones(1, 13, 1, dtype=torch.double)], -1)
    vectors, ids = read(bottom, sound)
    assert vectors.shape == (1, 4, 16) and ids.tolist() == [[2, 2, 2, 2]]
    longer, behind = read(bottom, torch.nn.functional.pad(sound, (0, 0, 0, 7)))
    assert behind.tolist() == [[2, 2, 2, 2, 0]]
    torch.testing.assert_close(longer[:, :4], vectors)
