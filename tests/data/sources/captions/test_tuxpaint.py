import pytest
from PIL import Image

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.captions.tuxpaint import MATERIAL, TuxpaintStamps, stamps


def test_the_first_line_is_the_caption(tmp_path):
    (tmp_path / "animals").mkdir()
    for name in ("bull", "cow", "alone"):
        Image.new("RGB", (8, 8)).save(tmp_path / "animals" / f"{name}.png")
    (tmp_path / "animals" / "bull.txt").write_text("A bull.\nde.utf8=Ein Stier.\n")
    (tmp_path / "animals" / "cow.txt").write_bytes(b"\xff")
    (tmp_path / "animals" / "drawn.txt").write_text("A drawn one.")
    found = list(stamps(tmp_path))
    assert [(row["targets"], row["where"]) for row in found if not isinstance(row, Rejected)] == [
        ("A bull.", "animals/bull")
    ]
    assert [(row.reason, row.where, row.is_bad) for row in found if isinstance(row, Rejected)] == [
        ("picture without caption", "animals/alone", False),
        ("invalid UTF-8", "animals/cow", True),
        ("picture drawn in lines (SVG)", "animals/drawn", False),
    ]


@pytest.mark.packages
@pytest.mark.slow
def test_there_are_785_stamps_with_captions(fetched):
    fetched(MATERIAL)
    rows = [row for row in TuxpaintStamps().read() if not isinstance(row, Rejected)]
    assert len(rows) >= 700 and len({row["targets"] for row in rows}) >= 600
    assert 500 < len({row["document"] for row in rows}) < len(rows)
    assert "A bull." in [row["targets"] for row in rows]
