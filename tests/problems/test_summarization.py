import pytest

from lengthwise import catalog
from lengthwise.run import experiment_of, load, train

WORDS = "red green blue black white small large old new cold".split()


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """300 texts whose first sentence says what they are about."""
    path = tmp_path_factory.mktemp("texts") / "texts.tsv"
    rows = []
    for number in range(300):
        named = [WORDS[int(digit)] for digit in f"{number:03d}"]
        rows.append(f"This is about {' '.join(named)}. It has nothing else to say.\t{' '.join(named)}")
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize("name", ["debian", "wikipedia_titles"])
def test_every_problem_is_declared_without_fetching_anything(name):
    problem = catalog.find("problems", f"summarization.{name}")()
    assert list(problem.metrics)[0] == "rouge-l" and len(problem.baselines) == 2


@pytest.mark.parametrize("model", ["transformer.tiny", "decoder.tiny"])
def test_a_model_learns_to_copy_what_matters(texts, tmp_path, model):
    changes = {
        "data.source": str(texts), "data.vocabulary_size": "300", "train.steps": "250", "train.validate_every": "250",
        "train.validate_rows": "10", "batch.tokens": "1024", "precision": "fp32", "model.d_model": "64",
        "model.d_ff": "64", "model.num_heads": "2",
        **({"model.num_key_heads": "1", "model.num_layers": "2"} if model.startswith("decoder") else {}),
    }  # fmt: skip
    train(experiment_of(None, "summarization.files", model, changes), tmp_path / "run")
    run = load(tmp_path / "run")
    found, rules = run.evaluate("test").scores[0], run.baselines("test")[""]
    assert found.name == "ROUGE-L" and found.value > rules["first sentence"].value > 30
    assert set(rules) == {"first sentence", "most central sentence"}
