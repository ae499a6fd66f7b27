import numpy as np
import pytest
from PIL import Image

from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.images.drawn import Drawn
from lengthwise.data.sources.images.folder import ImageFolder


@pytest.fixture
def source(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / name / "a.png")
    return ImageFolder(str(tmp_path))


def test_classes_are_inputs_and_images_targets(source):
    drawn = Drawn(source)
    drawn.fetch()
    rows = [row for row in drawn.read() if not isinstance(row, Rejected)]
    assert [row["inputs"] for row in rows] == ["one", "two"] and all(isinstance(row["targets"], Blob) for row in rows)
    assert drawn.checksums() == source.checksums() and ImageFolder in set(drawn.code())
    assert (drawn.name, drawn.licence, drawn.is_split_exact) == (source.name, source.licence, source.is_split_exact)
