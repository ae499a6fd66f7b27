import pytest
from PIL import Image

from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.captions.folder import CaptionFolder


def read(path):
    source = CaptionFolder(str(path))
    source.fetch()
    found = list(source.read())
    return (
        [row for row in found if not isinstance(row, Rejected)],
        [(row.reason, row.where) for row in found if isinstance(row, Rejected)],
    )


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "images"
    (path / "more").mkdir(parents=True)
    for name in ("a.png", "more/b.jpg", "c.png"):
        Image.new("RGB", (8, 8)).save(path / name)
    return path


def test_every_line_beside_an_image_is_a_caption(folder):
    (folder / "a.txt").write_text("A bull.\n\nA black bull.\n")
    (folder / "more" / "b.txt").write_text("A cow.")
    (folder / "d.txt").write_text("Nothing.")
    rows, rejected = read(folder)
    assert [(row["targets"], row["where"]) for row in rows] == [
        ("A bull.", "a"),
        ("A black bull.", "a"),
        ("A cow.", "more/b"),
    ]
    assert rows[2]["inputs"] == Blob(str(folder / "more" / "b.jpg"))
    assert rejected == [("image without caption", "c"), ("caption without image", "d")]
    checksums = CaptionFolder(str(folder)).checksums()
    assert len(checksums) == 6
    (folder / "a.txt").write_text("Another.")
    assert CaptionFolder(str(folder)).checksums() != checksums


@pytest.mark.parametrize("ending", [".tsv", ".csv", ".jsonl"])
def test_a_table_names_images_inside_its_folder(folder, ending):
    Image.new("RGB", (8, 8)).save(folder.parent / "outside.png")
    (folder / "l.png").symlink_to(folder.parent / "outside.png")
    pairs = [("a.png", "A  bull."), ("gone.png", "x"), ("../outside.png", "x"), ("l.png", "x"), ("n" * 5000, "x")]
    if ending == ".jsonl":
        lines = [f'{{"path": "{path}", "caption": "{caption}", "split": "test"}}' for path, caption in pairs]
        lines.append('{"path": "a.png"}')
    else:
        comma = "\t" if ending == ".tsv" else ","
        lines = [comma.join(row) for row in [("path", "caption", "split"), *((*pair, "test") for pair in pairs)]]
        lines.append("a.png")
    table = folder / f"table{ending}"
    table.write_text("\n".join(lines))
    rows, rejected = read(table)
    assert [(row["inputs"], row["targets"], row["split"]) for row in rows] == [
        (Blob(str(folder / "a.png")), "A bull.", "test")
    ]
    assert [reason for reason, _ in rejected[:4]] == [
        "caption without image",
        *["a path out of the table's folder"] * 2,
        "caption without image",
    ]
    assert len(rejected) == 5 and set(CaptionFolder(str(table)).checksums()) == {str(table), str(folder / "a.png")}


@pytest.mark.parametrize(
    ("name", "message"),
    [("images", "must hold files"), ("nothing", "does not exist"), ("table.doc", r"must be a folder or end in \.tsv")],
)
def test_what_holds_no_captions_is_one_line(tmp_path, name, message):
    (tmp_path / "images").mkdir()
    (tmp_path / "table.doc").touch()
    with pytest.raises(SourceError, match=message):
        read(tmp_path / name)
