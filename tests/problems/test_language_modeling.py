import json

import pytest

from lengthwise import catalog
from lengthwise.data.codecs.bytes import Bytes
from lengthwise.data.problem import Rejected
from lengthwise.run import experiment_of, load, train
from lengthwise.training.tracking.json_lines import read_json_lines

SIZES = {
    "decoder.tiny": {"model.d_ff": "64", "model.num_heads": "2", "model.num_key_heads": "1", "model.num_layers": "1"},
    "recurrent.tiny": {},
    "convolutional.tiny": {"model.d_ff": "32", "model.num_heads": "2"},
}


@pytest.mark.parametrize("name", ["wikipedia", "linux_doc", "python"])
def test_every_problem_is_declared_without_fetching_anything(name):
    problem = catalog.find("problems", f"language_modeling.{name}")()
    assert problem.targets == Bytes() and problem.inputs is None and problem.is_cut and problem.licence
    subwords = catalog.find("problems", f"language_modeling.{name}")(level="subwords", vocabulary_size=500)
    assert subwords.targets.feature.size == 500


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    path = tmp_path_factory.mktemp("texts") / "text.txt"
    path.write_text("".join(f"the number {number} comes before {number + 1}\n" for number in range(2000)))
    return path


def trained(texts, path, model, **more):
    changes = {
        "data.source": str(texts), "data.max_length": "64", "model.d_model": "32", "batch.tokens": "512",
        "precision": "fp32", "train.steps": "100", "train.validate_every": "50", "train.validate_rows": "40",
        "train.log_every": "1", **SIZES[model], **more,
    }  # fmt: skip
    train(experiment_of(None, "language_modeling.files", model, changes), path)
    return load(path)


@pytest.mark.parametrize("model", SIZES)
def test_every_model_of_the_family_learns_your_own_text_scores_it_and_goes_on_with_it(texts, tmp_path, model):
    run = trained(texts, tmp_path / "run", model)
    losses = [row["loss"] for row in read_json_lines(tmp_path / "run" / "metrics.jsonl") if "loss" in row]
    assert losses[-1] < 0.7 * losses[0]
    assert run.experiment.batch.packed is (model == "decoder.tiny")
    found = run.evaluate("test")
    size = sum(len(text.encode()) for text in found.references)
    assert found.likelihood.num_bytes == size and found.likelihood.num_tokens > size
    assert 0.5 < found.likelihood.bits_per_byte < 8 and found.likelihood.perplexity_per_word > 1
    texts_written = run.decode(["the number", ""], max_length=20)
    assert texts_written[0].startswith("the number") and len(texts_written[0].encode()) <= 3 * 30


def test_the_loss_by_position_falls_where_context_helps(texts, tmp_path):
    run = trained(texts, tmp_path / "run", "decoder.tiny")
    curve, longer = run.by_position("validation"), run.by_position("validation", 128)
    assert curve.begins == [0, 1, 2, 4, 8, 16, 32] and longer.begins[-1] == 64
    assert sum(curve.num_tokens) == sum(longer.num_tokens) == run.evaluate("validation").likelihood.num_tokens
    assert curve.nll[0] > curve.nll[-1] and all(margin > 0 for margin in curve.margins)
    mean = sum(a * b for a, b in zip(curve.nll, curve.num_tokens, strict=True)) / sum(curve.num_tokens)
    assert mean == pytest.approx(run.evaluate("validation").likelihood.nll, rel=1e-4)


def test_a_beam_does_not_continue_texts(texts, tmp_path):
    run = trained(texts, tmp_path / "run", "decoder.tiny", **{"train.steps": "2"})
    with pytest.raises(ValueError, match="must be continued by method=sampling or greedy"):
        run.decode(["the"], method="beam")


def test_your_own_texts_are_cleaned_where_it_is_asked(tmp_path):
    words = [
        "the {} and the {} of the {}".format(*(chr(97 + (i * step) % 26) * 7 for step in (1, 3, 7))) for i in range(26)
    ]
    lines = [json.dumps({"text": f"{' '.join(words)} {i} {' '.join(words[i:] + words[:i])}"}) for i in range(3)]
    (tmp_path / "texts.jsonl").write_text("\n".join([*lines, lines[0], '{"text": "short"}']))
    source = catalog.find("problems", "language_modeling.files")(
        source=str(tmp_path / "texts.jsonl"), is_curated=True
    ).source
    assert "fewer than 50 words" in [row.reason for row in source.read() if isinstance(row, Rejected)]
