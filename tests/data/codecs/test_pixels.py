import io

import numpy as np
import pytest
from PIL import Image

from lengthwise.contracts import EOS
from lengthwise.data.blob import Blob
from lengthwise.data.codecs.codec import load_codec
from lengthwise.data.codecs.pixels import Pixels, grid
from lengthwise.data.codecs.symbols import FIRST


@pytest.fixture
def image(tmp_path):
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    Image.fromarray(pixels).save(tmp_path / "image.png")
    return pixels, tmp_path / "image.png"


def test_an_image_survives(image):
    pixels, path = image
    codec = Pixels(4, 3)
    encoded = codec.encode(Blob(str(path)))
    assert np.array_equal(codec.image(encoded.ravel().astype(int) + FIRST), pixels)
    assert codec.feature.shape == (4, 4, 3) and codec.feature.size == FIRST + 256 and codec.feature.is_ids


def test_what_breaks_off_or_is_no_intensity_is_white():
    found = Pixels(2, 1).image([FIRST, EOS])
    assert found[..., 0].tolist() == [[0, 255], [255, 255]]


def test_it_is_saved_and_loaded(tmp_path):
    Pixels(8, 3).save(tmp_path / "codec.json")
    assert load_codec(tmp_path / "codec.json") == Pixels(8, 3)


def test_images_stand_side_by_side_with_white_between():
    images = [np.full((2, 2, 1), shade, np.uint8) for shade in (0, 10, 20)]
    found = grid(images, columns=2)
    assert found.shape == (5, 5, 1) and found[0, 0, 0] == 0 and found[0, 3, 0] == 10 and found[3, 0, 0] == 20
    assert (found[2] == 255).all() and (found[:, 2] == 255).all() and (found[3:, 3:] == 255).all()
    assert Image.open(io.BytesIO(Pixels(2, 1).png(found))).size == (5, 5)
