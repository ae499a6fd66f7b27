import torch

from lengthwise.layers.subsampling import Subsampling, threes


def sounds(lengths: list[int], frames: int, channels: int = 4) -> torch.Tensor:
    """Noise as a batch of inputs, zeros behind each row's length."""
    made = torch.randn(len(lengths), frames, channels + 1, generator=torch.Generator().manual_seed(0))
    for row, length in zip(made, lengths, strict=True):
        row[:length, -1], row[length:] = 1, 0
    return made


def test_every_second_frame_has_its_neighbours_beside_it():
    x = torch.arange(1.0, 6.0)[None, :, None]
    assert threes(x)[0].tolist() == [[0, 1, 2], [2, 3, 4], [4, 5, 0]]
    assert threes(x[:, :4])[0].tolist() == [[0, 1, 2], [2, 3, 4]]
    assert threes(x[:, :1])[0].tolist() == [[0, 1, 0]]


def test_it_is_a_convolution_of_stride_two():
    x, weight = torch.randn(2, 9, 3), torch.randn(5, 3, 3)
    expected = torch.nn.functional.conv1d(x.transpose(1, 2), weight, stride=2, padding=1).transpose(1, 2)
    torch.testing.assert_close(threes(x) @ weight.transpose(1, 2).reshape(5, 9).T, expected)


def test_a_quarter_of_the_frames_is_left_of_each_row():
    for length in range(1, 14):
        x, is_real = Subsampling(4, 8)(sounds([length, 13], 13))
        assert x.shape == (2, 4, 8) and is_real.sum(1).tolist() == [-(-length // 4), 4]
        assert not x[~is_real].any()


def test_padding_changes_nothing():
    layer = Subsampling(4, 8)
    expected = layer(sounds([7], 7))[0]
    for more in range(1, 6):
        wide = torch.nn.functional.pad(sounds([7], 7), (0, 0, 0, more))
        torch.testing.assert_close(layer(wide)[0][:, :2], expected)
