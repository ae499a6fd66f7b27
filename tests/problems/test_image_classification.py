import numpy as np
import pytest
from PIL import Image

from lengthwise import catalog
from lengthwise.data.prepare import prepare
from lengthwise.run import experiment_of, load, train
from lengthwise.training.tracking.json_lines import read_json_lines

MODELS = {
    "vision_transformer.tiny": {"model.d_model": "32", "model.d_ff": "32", "model.num_heads": "2"},
    "residual_network.tiny": {"model.widths": "[8,16]", "model.blocks_per_stage": "1"},
}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Three hundred images, bright above or below, and a broken one."""
    folder, random = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    for number in range(300):
        pixels = random.integers(0, 120, (12, 12, 3), dtype=np.uint8)
        name = ("above", "below")[number % 2]
        pixels[slice(0, 6) if name == "above" else slice(6, 12)] += 120
        (folder / name).mkdir(exist_ok=True)
        Image.fromarray(pixels).save(folder / name / f"{number:03d}.png")
    (folder / "above" / "broken.png").write_bytes(b"no image")
    return folder


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_every_problem_is_declared_without_fetching_anything(name):
    problem = catalog.find("problems", f"image_classification.{name}")()
    assert problem.inputs.feature.shape == (28, 28) and problem.targets.feature.modality == "label"


@pytest.mark.parametrize("model", MODELS)
def test_every_model_of_the_family_learns_your_own_folder(images, tmp_path, model):
    changes = {
        "data.source": str(images), "data.size": "12", "data.is_mirrored": "false", "train.steps": "60",
        "train.validate_every": "30", "batch.tokens": "64", "precision": "fp32", **MODELS[model],
    }  # fmt: skip
    train(experiment_of(None, "image_classification.folder", model, changes), tmp_path / "run")
    run = load(tmp_path / "run")
    found = run.evaluate("test")
    assert found.scores[0].name == "top-1" and found.scores[0].value > 90
    assert set(found.hypotheses) <= {"above", "below"} and len(found.hypotheses) == len(found.references)
    paths = [str(images / "above" / "000.png"), str(images / "below" / "001.png")]
    assert run.decode(paths) == ["above", "below"]
    scores = [row for row in read_json_lines(tmp_path / "run" / "metrics.jsonl") if "validation/top-1" in row]
    assert len(scores) == 2
    with pytest.raises(ValueError, match="broken.png` must be an image, but can't be read: broken image"):
        run.decode([str(images / "above" / "broken.png")])
    with pytest.raises(ValueError, match="gone.png` must be an image, but is not there"):
        run.decode([str(images / "gone.png")])


def test_one_class_alone_is_one_line(tmp_path):
    for number in range(30):
        (tmp_path / "cats").mkdir(exist_ok=True)
        Image.new("L", (8, 8), number).save(tmp_path / "cats" / f"{number}.png")
    parameters = {"source": str(tmp_path), "size": 8}
    with pytest.raises(ValueError, match="at least two classes, but all are of \\['cats'\\]"):
        prepare("folder", catalog.find("problems", "image_classification.folder")(**parameters), parameters)


def test_clip_art_and_your_own_cifar_are_declared_without_reading_anything(tmp_path):
    assert catalog.find("problems", "image_classification.openclipart")().inputs.channels == 3
    for name in ("cifar10", "cifar100"):
        problem = catalog.find("problems", f"image_classification.{name}")(source=str(tmp_path / "gone"))
        assert problem.inputs.feature.shape == (32, 32) and problem.source.num_classes == int(name[5:])
