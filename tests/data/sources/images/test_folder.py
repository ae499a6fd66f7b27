import pytest

from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.images.folder import ImageFolder


def rows(path):
    source = ImageFolder(str(path))
    source.fetch()
    return list(source.read())


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_the_folders_name_is_the_class(tmp_path):
    touch(tmp_path, "cats/tom.jpg", "cats/more/felix.PNG", "dogs/rex.png", "dogs/notes.txt")
    found = [row for row in rows(tmp_path) if not isinstance(row, Rejected)]
    assert [(row["where"], row["targets"], row["split"]) for row in found] == [
        ("cats/more/felix.PNG", "cats", None),
        ("cats/tom.jpg", "cats", None),
        ("dogs/rex.png", "dogs", None),
    ]
    assert found[1]["inputs"] == Blob(str(tmp_path / "cats" / "tom.jpg"))


def test_folders_of_splits_fix_them(tmp_path):
    touch(tmp_path, "train/a/1.png", "val/a/2.png", "test/b/3.png", "train/4.png")
    found = rows(tmp_path)
    assert [row["split"] for row in found if not isinstance(row, Rejected)] == ["test", "train", "validation"]
    assert [row.reason for row in found if isinstance(row, Rejected)] == ["in no folder of a class"]


def test_a_link_out_of_the_folder_is_named(tmp_path):
    touch(tmp_path, "outside.png", "images/a/1.png")
    (tmp_path / "images/a/2.png").symlink_to(tmp_path / "outside.png")
    assert [row.where for row in rows(tmp_path / "images") if isinstance(row, Rejected)] == ["a/2.png"]


@pytest.mark.parametrize(("names", "message"), [((), "must hold files"), (("1.png",), "a folder of images for each")])
def test_what_holds_no_classes_is_one_line(tmp_path, names, message):
    touch(tmp_path, *names)
    with pytest.raises(SourceError, match=message):
        rows(tmp_path)
