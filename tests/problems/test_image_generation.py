import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from lengthwise import catalog
from lengthwise.run import experiment_of, load, train


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Two hundred images, dark above or below."""
    folder, random = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    for number in range(200):
        pixels = random.choice(np.array([240, 250], np.uint8), (8, 8))
        name = ("above", "below")[number % 2]
        pixels[slice(0, 4) if name == "above" else slice(4, 8)] = 10
        (folder / name).mkdir(exist_ok=True)
        Image.fromarray(pixels).save(folder / name / f"{number:03d}.png")
    return folder


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_every_problem_is_declared_without_fetching_anything(name):
    problem = catalog.find("problems", f"image_generation.{name}")()
    assert problem.targets.feature.shape == (28, 28, 1) and problem.growth == (0, 783)


def test_a_model_learns_to_draw_your_own_folder(images, tmp_path):
    changes = {
        "data.source": str(images), "data.size": "8", "data.channels": "1", "train.steps": "300", "precision": "fp32",
        "train.validate_every": "150", "train.validate_rows": "4", "batch.tokens": "1040", "model.d_model": "32",
        "model.d_ff": "32", "model.num_heads": "2", "model.num_layers": "2",
    }  # fmt: skip
    train(experiment_of(None, "image_generation.folder", "image_transformer.tiny", changes), tmp_path / "run")
    run = load(tmp_path / "run")
    found = run.evaluate("test")
    assert found.scores[0].name == "bits per dimension" and found.scores[0].value < 0.8
    above, below = run.draw(["above", "below"], temperature=0.5)
    assert above[:4].mean() < below[:4].mean() and above[4:].mean() > below[4:].mean()
    assert np.array_equal(run.draw(["above"], temperature=0.5)[0], above)
    with pytest.raises(ValueError, match="`beside` must be a class, but can't be read"):
        run.draw(["beside"])
    with pytest.raises(ValueError, match="Images are no text"):
        run.decode(["above"])
    decode = [sys.executable, "-m", "lengthwise", "decode", str(tmp_path / "run")]
    picture = tmp_path / "picture.png"
    done = subprocess.run([*decode, "--output", str(picture)], input="above\nbelow\nabove\n", text=True, check=False)
    assert done.returncode == 0 and Image.open(io.BytesIO(picture.read_bytes())).size == (17, 17)
    done = subprocess.run(decode, input="above\n", text=True, capture_output=True, check=False)
    assert done.returncode == 2 and "`--output` must be the PNG" in done.stderr
