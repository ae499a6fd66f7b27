import numpy as np
import pytest
from PIL import Image

from lengthwise import catalog
from lengthwise.data.prepare import prepare

COLOURS = {"red": (220, 20, 20), "green": (20, 200, 20), "blue": (30, 30, 220)}


@pytest.fixture
def folder(tmp_path):
    """A hundred squares on two grounds, with their captions; one image is broken, one is a bomb."""
    path, random = tmp_path / "images", np.random.default_rng(0)
    path.mkdir()
    for number in range(100):
        colour, place = list(COLOURS)[number % 3], number % 40
        image = Image.fromarray(random.integers(200, 255, (64, 64, 3), dtype=np.uint8))
        image.paste(COLOURS[colour], (place, 10, place + 20, 30))
        image.save(path / f"{number:03d}.png")
        (path / f"{number:03d}.txt").write_text(f"A {colour} square, {place} from the left.")
    (path / "broken.png").write_bytes(b"no image")
    (path / "broken.txt").write_text("A broken image.")
    Image.new("1", (8000, 8000)).save(path / "huge.png")
    (path / "huge.txt").write_text("A huge image.")
    return path


@pytest.mark.parametrize("name", ["tuxpaint", "openclipart", "both"])
def test_every_problem_is_declared_without_fetching_anything(name):
    for level in ("bytes", "subwords"):
        problem = catalog.find("problems", f"captioning.{name}")(size=32, level=level)
        assert problem.inputs.feature.shape == (32, 32) and problem.targets.feature.modality == "tokens"
        assert problem.licence


def test_your_own_captions_are_prepared_and_bad_images_counted(folder):
    parameters = {"source": str(folder), "size": 16, "level": "bytes"}
    problem = catalog.find("problems", "captioning.files")(**parameters)
    prepared = prepare("captioning.files", problem, parameters)
    reasons = {reason: rows["count"] for reason, rows in prepared.manifest["rejected"].items()}
    assert reasons["broken image"] == 1 and reasons["image over 50,000,000 pixels"] == 1
    train = prepared.split("train")
    inputs, targets = train.tokens(0)
    assert inputs.shape == (16, 16, 3)
    assert prepared.targets.decode(targets).startswith("A ")
    seen = {prepared.targets.decode(train.tokens(row)[1]) for row in range(len(train))}
    test = prepared.split("test")
    assert len(test) and not seen & {prepared.targets.decode(test.tokens(row)[1]) for row in range(len(test))}


@pytest.mark.packages
@pytest.mark.slow
@pytest.mark.parametrize("name", ["captioning.tuxpaint", "image_classification.openclipart"])
def test_the_packaged_problems_are_prepared(name):
    from lengthwise.data.sources.client import Offline

    problem = catalog.find("problems", name)(size=32)
    try:
        prepared = prepare(name, problem, {"size": 32})
    except Offline as error:
        pytest.skip(str(error))
    assert all(len(prepared.split(split)) > 10 for split in ("train", "validation", "test"))
