import pytest
import torch

from lengthwise.data.augmentation import NUM_DRAWS, Augmentation

IMAGES = torch.rand(6, 9, 9, 2, generator=torch.Generator().manual_seed(0))
MIDDLE = torch.full((6, NUM_DRAWS), 0.5)


def with_draws(**numbers):
    draws = MIDDLE.clone()
    for place, value in numbers.items():
        draws[:, int(place[1:])] = value
    return draws


def test_the_middle_of_every_range_changes_nothing():
    changed = Augmentation(shift=0.2, rotation=20.0, scale=0.2).apply(IMAGES, MIDDLE)
    torch.testing.assert_close(changed, IMAGES)


def test_images_are_mirrored_shifted_turned_and_hidden():
    mirrored = Augmentation(is_mirrored=True).apply(IMAGES, with_draws(_4=0.1))
    torch.testing.assert_close(mirrored, IMAGES.flip(2))
    shifted = Augmentation(shift=2 / 9).apply(IMAGES, with_draws(_2=1.0))
    torch.testing.assert_close(shifted[:, :, :7], IMAGES[:, :, 2:])
    turned = Augmentation(rotation=90.0).apply(IMAGES, with_draws(_0=1.0))
    torch.testing.assert_close(turned, IMAGES.rot90(1, (1, 2)), atol=1e-4, rtol=1e-4)
    hidden = Augmentation(erased=1 / 3).apply(IMAGES, with_draws(_7=0.1, _5=0.0, _6=0.0))
    assert (hidden[:, :3, :3] == 0.5).all()
    torch.testing.assert_close(hidden[:, 3:], IMAGES[:, 3:])


def test_draws_are_of_the_seed_and_the_batch_alone():
    augmentation = Augmentation()
    assert torch.equal(augmentation.draws(4, 1, 7), augmentation.draws(4, 1, 7))
    for seed, step in ((2, 7), (1, 8)):
        assert not torch.equal(augmentation.draws(4, 1, 7), augmentation.draws(4, seed, step))


@pytest.mark.parametrize("rows", [slice(0, 3), slice(1, None, 2)])
def test_a_share_of_a_batch_is_changed_as_the_whole(rows):
    augmentation = Augmentation(shift=0.1, rotation=30.0, scale=0.2, is_mirrored=True, erased=0.4)
    draws = augmentation.draws(6, 0, 0)
    torch.testing.assert_close(augmentation.apply(IMAGES, draws)[rows], augmentation.apply(IMAGES[rows], draws[rows]))
