import io
import os
import pickle
from collections import Counter

import numpy as np
import pytest

from lengthwise.data.codecs.image import Images
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.client import Offline
from lengthwise.data.sources.images.mnist import ArraysOnly, Mnist


@pytest.mark.packages
@pytest.mark.slow
def test_all_70_thousand_images_are_there_in_their_splits():
    source = Mnist()
    try:
        source.fetch()
    except (Offline, SourceError) as error:
        pytest.skip(str(error))
    rows = [row for row in source.read() if not isinstance(row, Rejected)]
    assert Counter(row["split"] for row in rows) == {"train": 50_000, "validation": 10_000, "test": 10_000}
    assert len({row["targets"] for row in rows}) == 10
    images = Images(28, 1).encode_batch([row["inputs"] for row in rows[:100]])
    assert all(image.shape == (28, 28, 1) and image.max() > 200 for image in images)


def test_a_pickle_that_names_more_than_arrays_is_refused():
    with pytest.raises(SourceError, match="must hold arrays only, but names `posix.system`"):
        ArraysOnly(io.BytesIO(pickle.dumps(os.system))).load()


def test_arrays_are_read():
    array = np.arange(4)
    assert np.array_equal(ArraysOnly(io.BytesIO(OLD), encoding="latin1").load(), array.astype(np.uint8))


OLD = (
    b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I4\ntcnumpy\ndtype\n(S'u1'\nI0\nI1\n"
    b"tR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntbI00\nS'\\x00\\x01\\x02\\x03'\ntb."
)
"""As Python 2 wrote an array."""
