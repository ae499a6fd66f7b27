import io

import numpy as np
import pytest
from PIL import Image

from lengthwise.data.blob import Blob
from lengthwise.data.codecs import image
from lengthwise.data.codecs.codec import Unreadable, load_codec
from lengthwise.data.codecs.image import Images


def written(path, picture, **options):
    picture.save(path, **options)
    return Blob(str(path))


def test_raw_intensities_come_as_they_are(tmp_path):
    pixels = np.arange(16, dtype=np.uint8).reshape(4, 4, 1)
    (tmp_path / "raw").write_bytes(bytes(5) + pixels.tobytes())
    assert np.array_equal(Images(4, 1).encode(Blob(str(tmp_path / "raw"), 5, 16, (4, 4, 1))), pixels)


def test_what_was_written_comes_back(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    (tmp_path / "a.png").write_bytes(Images(6, 3).png(pixels))
    assert np.array_equal(Images(6, 3).encode(Blob(str(tmp_path / "a.png"))), pixels)
    grey = Images(6, 1).png(pixels[:, :, :1])
    assert Image.open(io.BytesIO(grey)).mode == "L"


def test_other_sizes_are_scaled_and_stand_in_the_middle_of_white(tmp_path):
    found = Images(8, 1).encode(written(tmp_path / "wide.png", Image.new("RGB", (40, 20), (10, 10, 10))))
    assert found.shape == (8, 8, 1)
    assert (found[:2] == 255).all() and (found[6:] == 255).all() and (found[2:6] == 10).all()
    tall = Images(8, 3).encode(written(tmp_path / "tall.png", Image.new("L", (1, 400), 7)))
    assert (tall[:, 3:4] == 7).all() or (tall[:, 4:5] == 7).all()


def test_what_is_transparent_is_white(tmp_path):
    picture = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    picture.putpixel((1, 2), (0, 0, 0, 255))
    found = Images(4, 1).encode(written(tmp_path / "a.png", picture))
    assert found[2, 1, 0] == 0 and found.sum() == 15 * 255


@pytest.mark.parametrize("mode", ["1", "P", "LA", "CMYK", "I;16"])
def test_every_kind_of_picture_is_read(tmp_path, mode):
    ending = "tif" if mode in ("CMYK", "I;16") else "png"
    found = Images(4, 3).encode(written(tmp_path / f"a.{ending}", Image.new(mode, (4, 4))))
    assert found.shape == (4, 4, 3) and found.dtype == np.uint8


def test_bad_pictures_say_why_in_their_place(tmp_path, monkeypatch):
    good = written(tmp_path / "good.png", Image.new("L", (8, 8), 9))
    (tmp_path / "noise.png").write_bytes(b"no picture")
    (tmp_path / "cut.png").write_bytes((tmp_path / "good.png").read_bytes()[:50])
    (tmp_path / "empty.png").touch()
    large = written(tmp_path / "large.png", Image.new("L", (100, 100)))
    monkeypatch.setattr(image, "MAX_PIXELS", 5000)
    names = ["noise.png", "cut.png", "empty.png", "missing.png"]
    found = Images(8, 1).encode_batch([good, *(Blob(str(tmp_path / name)) for name in names), large])
    assert np.all(found[0] == 9)
    assert all(isinstance(each, Unreadable) for each in found[1:])
    reasons = ["broken image"] * 3 + ["image that can't be read", "image over 5,000 pixels"]
    assert list(map(str, found[1:])) == reasons


def test_a_codec_is_found_again(tmp_path):
    Images(28, 1).save(tmp_path / "codec.json")
    codec = load_codec(tmp_path / "codec.json")
    assert codec == Images(28, 1) and codec.feature.shape == (28, 28) and codec.feature.modality == "image"


@pytest.mark.parametrize("settings", [(0, 1), (8, 2)])
def test_sizes_that_cannot_be_are_refused(settings):
    with pytest.raises(ValueError, match="must have a size and 1 or 3 channels"):
        Images(*settings)
