import pytest
from PIL import Image

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.captions.openclipart import DRAWINGS, OpenclipartTitles, title_of, titled
from lengthwise.data.sources.images.openclipart import IMAGES


@pytest.mark.parametrize(
    ("svg", "title"),
    [
        ("<dc:title>A  red\nbus</dc:title><dc:creator><dc:title>Jane</dc:title></dc:creator>", "A red bus"),
        ('<dc:title id="t">L&amp;eacute;zard</dc:title>', "Lézard"),
        ("<dc:title>Clipart by Jane Doe - contour_chipmunk</dc:title>", "contour chipmunk"),
        ("<dc:title>HASH(0x8a41038)</dc:title>", ""),
        ("<dc:title></dc:title>", ""),
        ("<svg/>", ""),
    ],
)
def test_the_first_title_is_the_drawings(svg, title):
    assert title_of(svg) == title


def test_titles_of_collections_and_drawings_without_one_are_left_out(tmp_path):
    for number in range(9):
        for folder, ending in (("png", "png"), ("svg", "svg")):
            (tmp_path / folder / "x").mkdir(parents=True, exist_ok=True)
            path = tmp_path / folder / "x" / f"{'abcdefghi'[number]}.{ending}"
            title = "Collection" if number < 6 else ["A bus", "12", "Bus"][number - 6]
            Image.new("L", (4, 4)).save(path) if ending == "png" else path.write_text(f"<dc:title>{title}</dc:title>")
    Image.new("L", (4, 4)).save(tmp_path / "png" / "without.png")
    found = list(titled(tmp_path / "png", tmp_path / "svg"))
    rows = [row for row in found if not isinstance(row, Rejected)]
    assert [(row["targets"], row["where"]) for row in rows] == [("A bus", "x/g"), ("Bus", "x/i")]
    assert rows[0]["document"] == rows[1]["document"]
    reasons = [row.reason for row in found if isinstance(row, Rejected)]
    assert (reasons.count("title of a collection"), reasons.count("no title")) == (6, 2)


@pytest.mark.packages
@pytest.mark.slow
def test_there_are_2_800_titles(fetched):
    fetched(IMAGES)
    fetched(DRAWINGS)
    rows = [row for row in OpenclipartTitles().read() if not isinstance(row, Rejected)]
    assert len(rows) > 2500 and len({row["document"] for row in rows}) > 2000
