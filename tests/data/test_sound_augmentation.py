import pytest
import torch

from lengthwise.data.sound_augmentation import SoundAugmentation, resampled


def sounds(lengths: list[int], channels: int = 80) -> torch.Tensor:
    """A ramp over time in every band, zeros behind each row's length."""
    made = torch.zeros(len(lengths), max(lengths), channels + 1)
    for row, length in zip(made, lengths, strict=True):
        row[:length, :-1] = torch.arange(1.0, length + 1)[:, None]
        row[:length, -1] = 1
    return made


def test_draws_depend_on_seed_and_step_alone():
    changes = SoundAugmentation()
    first = changes.draws(5, 0, 7)
    assert torch.equal(first, changes.draws(5, 0, 7)) and first.min() >= 0 and first.max() < 1
    for other in (changes.draws(5, 1, 7), changes.draws(5, 0, 8)):
        assert not torch.equal(first, other)


def test_a_row_is_changed_as_if_it_were_alone():
    changes, batch = SoundAugmentation(), sounds([200, 90, 150])
    draws = changes.draws(3, 0, 0)
    together = changes.apply(batch, draws)
    for row, length in enumerate([200, 90, 150]):
        alone = changes.apply(batch[row : row + 1, :length], draws[row : row + 1])
        torch.testing.assert_close(alone[0], together[row, : alone.shape[1]])
        assert not together[row, alone.shape[1] :].any()


def test_speed_changes_the_number_of_frames_and_keeps_both_ends():
    found = resampled(sounds([100, 50, 80, 1]), torch.tensor([0.8, 1.25, 1.0, 1.1]))
    assert found[..., -1].sum(1).tolist() == [125, 40, 80, 1]
    for row, last in zip(found, [100, 50, 80, 1], strict=True):
        length = int(row[:, -1].sum())
        torch.testing.assert_close(row[:length, 0], torch.linspace(1, last, length))
        assert not row[length:].any()


def test_nothing_to_change_changes_nothing():
    same, batch = SoundAugmentation(speed=0.0, max_mels=0, max_frames=0), sounds([30, 20])
    torch.testing.assert_close(same.apply(batch, same.draws(2, 0, 0)), batch)


@pytest.mark.parametrize("share", [0.0, 0.15])
def test_masks_hide_bands_and_stretches_but_not_what_says_where_frames_are(share):
    changes, batch = SoundAugmentation(speed=0.0, max_share=share), sounds([200] * 40)
    found = changes.apply(batch, changes.draws(40, 0, 0))
    assert torch.equal(found[..., -1], batch[..., -1])
    hidden = found[..., :-1] == 0
    assert hidden.all(1).any() and (hidden.all(2).float().mean(1).max() > 0) == bool(share)
    assert hidden.all(2).float().mean(1).max() <= 2 * share
