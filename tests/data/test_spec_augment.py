import pytest
import torch

from lengthwise.data.spec_augment import spec_augment


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def masked(lengths: list[int], frames: int = 200, mels: int = 80, seed: int = 0, **settings):
    """Which cells of spectrograms of ones were blanked."""
    ones = torch.ones(len(lengths), frames, mels)
    found = spec_augment(ones, torch.tensor(lengths), generator(seed), **settings)
    assert ones.eq(1).all() and set(found.unique().tolist()) <= {0.0, 1.0}
    return found == 0


def runs(line: torch.Tensor) -> list[int]:
    """Lengths of the stretches of a row of booleans."""
    return [len(part) for part in "".join("x" if each else " " for each in line.tolist()).split()]


def test_masks_are_whole_bands_and_whole_stretches_of_frames():
    found = masked([200] * 50)
    for example in found:
        bands, frames = example.all(0), example.all(1)
        assert torch.equal(example, bands[None, :] | frames[:, None])
        assert len(runs(bands)) <= 2 and len(runs(frames)) <= 2


@pytest.mark.parametrize("count", [0, 1, 3])
def test_there_are_as_many_masks_as_asked_for_and_none_is_too_wide(count):
    found = masked([200] * 400, num_mel_masks=count, max_mels=10, num_frame_masks=count, max_frames=20)
    bands = [runs(example.all(0)) for example in found]
    frames = [runs(example.all(1)) for example in found]
    assert max(map(len, bands)) == max(map(len, frames)) == count
    if count == 1:
        assert {sum(each) for each in bands} == set(range(11))
        assert {sum(each) for each in frames} == set(range(21))


def test_every_width_and_place_is_as_likely_as_any_other():
    found = masked([200] * 4000, mels=12, num_mel_masks=1, max_mels=3, num_frame_masks=0)[:, 0]
    widths = found.sum(1)
    counts = torch.bincount(widths, minlength=4) / len(widths)
    assert (counts - 0.25).abs().max() < 0.03
    ones = found[widths == 1].float().argmax(1)
    assert (torch.bincount(ones, minlength=12) / len(ones) - 1 / 12).abs().max() < 0.03


def test_time_masks_lie_within_an_example_and_take_at_most_their_share():
    lengths = [200, 100, 10, 4, 0]
    for seed in range(200):
        frames = masked(lengths, seed=seed, num_mel_masks=0, num_frame_masks=1, max_share=0.2).all(2)
        for length, row in zip(lengths, frames, strict=True):
            assert not row[length:].any() and row.sum() <= 0.2 * length


def test_the_same_generator_draws_the_same_and_another_something_else():
    assert torch.equal(masked([200] * 4, seed=1), masked([200] * 4, seed=1))
    assert not torch.equal(masked([200] * 4, seed=1), masked([200] * 4, seed=2))


def test_examples_are_masked_by_themselves():
    found = masked([200] * 2)
    assert not torch.equal(found[0], found[1])


def test_what_is_kept_stays_as_it_is_in_any_format():
    spectrograms = torch.randn(3, 50, 20, dtype=torch.float16)
    found = spec_augment(spectrograms, torch.tensor([50, 40, 30]), generator(), max_mels=30)
    assert found.dtype == torch.float16
    assert torch.equal(found[found != 0], spectrograms[found != 0])
