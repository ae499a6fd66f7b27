import pytest

from lengthwise.data.blob import Blob


@pytest.fixture
def path(tmp_path):
    (tmp_path / "numbers.bin").write_bytes(bytes(range(10)))
    return str(tmp_path / "numbers.bin")


def test_a_blob_is_a_file_or_a_part_of_one(path):
    assert Blob(path).read() == bytes(range(10))
    assert Blob(path, 3, 4).read() == bytes([3, 4, 5, 6])
    assert Blob(path, 8).read() == bytes([8, 9])
    assert str(Blob(path)) == path and str(Blob(path, 3, 4)) == f"{path}#3"


def test_a_part_must_be_whole(path):
    with pytest.raises(ValueError, match="must have 4 bytes, but has 2"):
        Blob(path, 8, 4).read()
    with pytest.raises(OSError):
        Blob(path + "x").read()
