from collections import Counter

import pytest

from lengthwise.data.codecs.image import Images
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.client import Offline
from lengthwise.data.sources.images.fashion_mnist import FashionMnist


@pytest.mark.packages
@pytest.mark.slow
def test_all_70_thousand_images_are_there_in_their_splits():
    source = FashionMnist()
    try:
        source.fetch()
    except (Offline, SourceError) as error:
        pytest.skip(str(error))
    rows = [row for row in source.read() if not isinstance(row, Rejected)]
    assert Counter(row["split"] for row in rows) == {"train": 55_000, "validation": 5_000, "test": 10_000}
    assert len({row["targets"] for row in rows}) == 10
    images = Images(28, 1).encode_batch([row["inputs"] for row in rows[:100]])
    assert all(image.shape == (28, 28, 1) and image.max() > 200 for image in images)
