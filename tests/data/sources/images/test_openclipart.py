from collections import Counter

import numpy as np
import pytest
from PIL import Image

from lengthwise.data.codecs.image import Images
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.images.openclipart import IMAGES, Openclipart, classified


def test_the_first_folder_is_the_class_and_a_series_is_a_document(tmp_path):
    for seed, name in enumerate(("animals/birds/tux_01.png", "animals/birds/tux_02.png", "food/pear.png")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)).save(tmp_path / name)
    rows = classified(tmp_path)
    assert [row["targets"] for row in rows] == ["animals", "animals", "food"]
    assert rows[0]["document"] == rows[1]["document"] != rows[2]["document"]


@pytest.mark.packages
@pytest.mark.slow
def test_there_are_6_900_images_of_22_classes_and_transparency_is_white(fetched):
    fetched(IMAGES)
    rows = [row for row in Openclipart().read() if not isinstance(row, Rejected)]
    classes = Counter(row["targets"] for row in rows)
    assert len(rows) > 6000 and len(classes) == 22 and classes["animals"] > 200
    assert max(Counter(row["document"] for row in rows).values()) > 1000  # the stars
    images = Images(32, 3).encode_batch([row["inputs"] for row in rows[:100]])
    assert np.mean([image[0, 0].min() > 250 for image in images]) > 0.7
