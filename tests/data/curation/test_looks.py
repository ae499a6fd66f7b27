import numpy as np
import pytest
from PIL import Image

from lengthwise.data.blob import Blob
from lengthwise.data.curation.looks import looks_of


@pytest.fixture
def looks(tmp_path):
    """Of images made of pixels, saved with these options."""

    def find(*images, **options):
        blobs = []
        for number, image in enumerate(images):
            path = tmp_path / f"{number}{options.get('ending', '.png')}"
            image.save(path)
            blobs.append(Blob(str(path)))
        return looks_of(blobs)

    return find


def drawing(seed, size=96):
    """Blocks of colours."""
    blocks = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize((size, size), Image.Resampling.NEAREST)


def test_a_look_survives_another_size_and_format(looks):
    first, second = looks(drawing(0), drawing(0, 200))
    assert first == second == looks(drawing(0), ending=".jpg")[0]
    assert len({*looks(drawing(0), drawing(1), drawing(2))}) == 3


def test_what_is_transparent_is_white(looks):
    clear, white = Image.new("RGBA", (40, 40), (0, 0, 0, 0)), Image.new("RGBA", (40, 40), (255,) * 4)
    for image in (clear, white):
        image.paste((200, 30, 30, 255), (10, 10, 30, 30))
    first, second = looks(clear, white)
    assert first is not None and first == second


def test_blank_broken_and_huge_images_look_like_none(looks, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no image")
    assert looks_of([Blob(str(tmp_path / "broken.png")), Blob(str(tmp_path / "gone.png"))]) == [None, None]
    assert looks(Image.new("L", (20, 20), 90), Image.new("1", (3000, 3000))) == [None, None]
