import torch

from lengthwise.contracts import Batch
from lengthwise.data.codecs.bytes import Bytes
from lengthwise.data.codecs.image import Images
from lengthwise.data.codecs.labels import Labels
from lengthwise.data.codecs.pixels import Pixels
from lengthwise.data.codecs.sound import LogMel
from lengthwise.inspection.data_view import described, padding_waste, pictures

TEXT = torch.tensor([[*Bytes().encode("ab"), 1, 0, 0], [*Bytes().encode("abcd"), 1]])
SOUND = torch.cat([torch.randn(2, 6, 80), torch.tensor([[1.0] * 6, [1.0] * 4 + [0.0] * 2])[..., None]], -1)


def test_every_kind_of_side_has_words():
    assert described(TEXT, Bytes(), 0) == "3 tokens + 2 of padding: a | b | <1>"
    assert described(torch.tensor([[4]]), Labels(("cat", "dog")), 0) == "dog"
    assert described(torch.full((1, 4, 4, 3), 0.5), Images(4, 3), 0).startswith(
        "an image of 4 x 4 x 3, intensities 0.50"
    )
    assert described(SOUND, LogMel(), 1) == "a sound of 4 frames x 80 channels + 2 of padding"
    assert described(torch.full((1, 16), 3), Pixels(4, 1), 0) == "an image of 16 intensities"
    assert described(None, None, 0) == "none"


def test_images_and_sounds_have_pictures_and_texts_none():
    assert [each.shape for each in pictures(Batch(SOUND, TEXT), LogMel(), Bytes(), 5)] == [(80, 6, 1)] * 2
    assert pictures(Batch(torch.zeros(2, 4, 4, 3), TEXT), Images(4, 3), Bytes(), 1)[0].shape == (4, 4, 3)
    drawn = Batch(torch.tensor([[3]]), torch.full((1, 16), 258))
    assert pictures(drawn, Labels(("a", "b")), Pixels(4, 1), 1)[0].tolist() == [[[255]] * 4] * 4
    assert pictures(Batch(TEXT, TEXT), Bytes(), Bytes(), 2) == []


def test_padding_is_counted_over_batches():
    assert padding_waste([Batch(None, TEXT)]) == 1 - 8 / 10
