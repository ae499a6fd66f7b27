import numpy as np
import pytest
from PIL import Image

from lengthwise.data.blob import Blob
from lengthwise.data.curation.image_groups import grouped


@pytest.fixture
def groups(tmp_path):
    """Which of the images stay together, by name; each is (name, caption, what it looks like)."""

    def find(*images, has_captions=True):
        rows = []
        for name, caption, seed in images:
            pixels = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
            path = tmp_path / name.replace("/", "-")
            Image.fromarray(pixels).resize((60, 60), Image.Resampling.NEAREST).save(path)
            rows.append({"inputs": Blob(str(path)), "targets": caption, "where": name})
        found: dict[object, set[str]] = {}
        for row in grouped(rows, has_captions=has_captions):
            found.setdefault(row["document"], set()).add(str(row["where"]))
        return sorted(map(sorted, found.values()))

    return find


def test_a_series_stays_together_and_one_of_another_folder_does_not(groups):
    names = ("a/tux_01.png", "a/tux_12.png", "b/tux_01.png", "a/star_5pt2step.png", "a/star_60pt11step.png")
    images = [(name, "", seed) for seed, name in enumerate(names)]
    assert groups(*images, has_captions=False) == [[*sorted(names[3:])], [*names[:2]], [names[2]]]


def test_equal_looks_stay_together(groups):
    assert groups(("x.png", "", 1), ("y.png", "", 1), ("z.png", "", 2), has_captions=False) == [
        ["x.png", "y.png"],
        ["z.png"],
    ]


@pytest.mark.parametrize(
    ("one", "other", "is_together"),
    [
        ("A bull.", "the BULL", True),
        ("arrow 1", "Arrow (2)", True),
        (
            "the international airport of the old capital up north",
            "International airports of old capital up north!",
            True,
        ),
        ("A bull.", "A cow.", False),
        ("7", "8", False),
        ("The end of it", "The end of it all", False),
    ],
)
def test_captions_that_are_almost_the_same_stay_together(groups, one, other, is_together):
    assert len(groups(("x.png", one, 1), ("y.png", other, 2))) == (1 if is_together else 2)


def test_what_is_together_with_a_third_is_together(groups):
    assert len(groups(("x1.png", "A", 1), ("x2.png", "one bull", 2), ("y.png", "One bull!", 3), ("z.png", "", 3))) == 1


def test_no_images_are_no_groups():
    assert grouped([], has_captions=True) == []
