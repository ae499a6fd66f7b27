import pytest

from lengthwise import catalog
from lengthwise.run import experiment_of, load, train

ABOUT = {"food": "apple bread cheese soup", "animals": "cat dog horse bird", "music": "drum flute song choir"}


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """600 sentences about one of three things."""
    path, rows = tmp_path_factory.mktemp("texts") / "texts.tsv", []
    for number in range(600):
        label, words = list(ABOUT.items())[number % 3]
        named = words.split()[number // 3 % 4]
        rows.append(f"Sentence {number} has one {named} and a number.\t{label}")
    path.write_text("\n".join(rows) + "\n")
    return path


def test_the_problem_is_declared_without_fetching_anything():
    problem = catalog.find("problems", "text_classification.debian_sections")()
    assert problem.targets.feature.modality == "label"


@pytest.mark.parametrize("model", ["encoder.tiny", "transformer.tiny"])
def test_your_own_labels_are_learned(texts, tmp_path, model):
    changes = {
        "data.source": str(texts), "data.vocabulary_size": "300", "train.steps": "120", "train.validate_every": "60",
        "batch.tokens": "1024", "precision": "fp32", "model.d_model": "32", "model.d_ff": "32", "model.num_heads": "2",
    }  # fmt: skip
    train(experiment_of(None, "text_classification.files", model, changes), tmp_path / "run")
    run = load(tmp_path / "run")
    found = run.evaluate("test")
    assert found.scores[0].name == "top-1" and found.scores[0].value > 90
    assert run.decode(["Sentence 7 has one dog and a number.", "Sentence 8 has one flute and a number."]) == [
        "animals",
        "music",
    ]
