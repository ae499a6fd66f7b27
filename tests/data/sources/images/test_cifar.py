import os
import pickle
import tarfile

import numpy as np
import pytest

from lengthwise.data.blob import Blob
from lengthwise.data.codecs.image import Images
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.images.cifar import Cifar

NAMES = [f"class{number}" for number in range(100)]
BATCHES = {10: [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"], 100: ["train", "test"]}
META = {10: ("batches.meta", "label_names"), 100: ("meta", "fine_label_names")}


@pytest.fixture(autouse=True)
def own_cache(empty_cache):
    """Files written for a test are never another's."""


def images(batch, count=10):
    """Bytes as published: all red of an image, then all green, then all blue."""
    return np.random.default_rng(batch).integers(0, 256, (count, 3072), dtype=np.uint8)


def write_binary(folder, num_classes):
    folder.mkdir(parents=True)
    for number, name in enumerate(BATCHES[num_classes]):
        labels = [bytes([i % num_classes]) if num_classes == 10 else bytes([3, i]) for i in range(10)]
        rows = [label + image.tobytes() for label, image in zip(labels, images(number), strict=True)]
        (folder / f"{name}.bin").write_bytes(b"".join(rows))
    text = "batches.meta.txt" if num_classes == 10 else "fine_label_names.txt"
    (folder / text).write_text("\n".join(NAMES[:num_classes]) + "\n\n")


def old_pickle(array):
    """As numpy and Python 2 wrote it."""
    rows, columns = array.shape
    return (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I%d\nI%d\ntcnumpy\ndtype\n"
        b"(S'u1'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntbI00\nS%s\ntb"
    ) % (rows, columns, repr(array.tobytes())[1:].encode())


def write_python(folder, num_classes):
    folder.mkdir(parents=True)
    key = b"labels" if num_classes == 10 else b"fine_labels"
    for number, name in enumerate(BATCHES[num_classes]):
        labels = b"(l" + b"".join(b"I%d\na" % i for i in range(10))
        data = b"(dS'data'\n" + old_pickle(images(number)) + b"sS'" + key + b"'\n" + labels + b"s."
        (folder / name).write_bytes(data)
    meta, names = META[num_classes]
    (folder / meta).write_bytes(pickle.dumps({names: NAMES[:num_classes]}, protocol=2))


@pytest.mark.parametrize("write", [write_binary, write_python])
@pytest.mark.parametrize("num_classes", [10, 100])
def test_both_versions_of_both_sets_are_read_alike(tmp_path, write, num_classes):
    write(tmp_path / "own" / "cifar", num_classes)
    source = Cifar(str(tmp_path / "own"), num_classes)
    source.fetch()
    rows = [row for row in source.read() if not isinstance(row, Rejected)]
    num_train = 50 if num_classes == 10 else 10
    splits = [row["split"] for row in rows]
    assert (splits.count("train"), splits.count("validation"), splits.count("test")) == (
        num_train * 9 // 10,
        num_train // 10,
        10,
    )
    assert [row["targets"] for row in rows[:3]] == NAMES[:3]
    expected = images(0)[2].reshape(3, 32, 32).transpose(1, 2, 0)
    blob = rows[2]["inputs"]
    assert isinstance(blob, Blob) and np.array_equal(Images(32, 3).encode(blob), expected)
    assert len(source.checksums()) == len(BATCHES[num_classes]) + 1


def test_the_archive_is_read_as_it_comes(tmp_path):
    write_python(tmp_path / "cifar-10-batches-py", 10)
    with tarfile.open(tmp_path / "cifar.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "cifar-10-batches-py", "cifar-10-batches-py")
    source = Cifar(str(tmp_path / "cifar.tar.gz"))
    source.fetch()
    assert len(list(source.read())) == 60


def break_code(folder):
    (folder / "data_batch_1").write_bytes(pickle.dumps(os.system))


def cut_off(folder):
    content = (folder / "data_batch_1").read_bytes()
    (folder / "data_batch_1").write_bytes(content[:1000])


def remove_test(folder):
    (folder / "test_batch").unlink()


def lose_labels(folder):
    content = (folder / "data_batch_1").read_bytes()
    (folder / "data_batch_1").write_bytes(content.replace(b"I9\na", b""))


def name_too_few(folder):
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": NAMES[:9]}, protocol=2))


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (break_code, "must hold arrays only, but names `posix.system`"),
        (cut_off, r"data_batch_1` is broken \("),
        (remove_test, "`test_batch` or `test_batch.bin` must be there"),
        (lose_labels, "a class for each image, but has 9 for 10"),
        (name_too_few, "must name 10 classes, but names 9"),
    ],
)
def test_what_is_not_as_published_is_one_line(tmp_path, harm, message):
    write_python(tmp_path / "own", 10)
    harm(tmp_path / "own")
    with pytest.raises(SourceError, match=message):
        Cifar(str(tmp_path / "own")).fetch()


def test_a_binary_file_that_was_cut_off_and_a_folder_that_is_not_there_are_one_line(tmp_path):
    write_binary(tmp_path / "own", 10)
    (tmp_path / "own" / "test_batch.bin").write_bytes(b"1234")
    with pytest.raises(SourceError, match="rows of 3,073 bytes, but has 4"):
        Cifar(str(tmp_path / "own")).fetch()
    with pytest.raises(SourceError, match="does not exist"):
        Cifar(str(tmp_path / "gone")).fetch()
