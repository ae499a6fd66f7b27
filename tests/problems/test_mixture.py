from pathlib import Path

import pytest

from lengthwise.problems import mixture
from lengthwise.run import experiment_of, load, train
from lengthwise.training.tracking.json_lines import read_json_lines

NAMES = ["scan.length", "scan.simple"]
SETTINGS = {
    "data.problems": f"[{','.join(NAMES)}]", "data.vocabulary_size": "400", "data.max_length": "300",
    "model.d_model": "16", "model.d_ff": "16", "model.num_heads": "2", "batch.tokens": "2048", "precision": "fp32",
    "train.steps": "6", "train.validate_every": "6", "train.validate_rows": "20", "train.log_every": "1",
}  # fmt: skip


def test_a_mixture_has_the_parts_and_the_metrics_of_its_problems():
    problem = mixture.text(problems=NAMES, rates=[1.0, 2.0])
    assert problem.parts == tuple(NAMES)
    assert set(problem.part_metrics["scan.simple"]) == {"exact match"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"problems": []}, "must be different problems"),
        ({"problems": ["scan.simple", "scan.simple"]}, "must be different problems"),
        ({"problems": NAMES, "rates": [1.0]}, "as many as the 2 problems"),
        ({"problems": ["scan.simpel"]}, "scan.simple"),
    ],
)
def test_what_is_no_mixture_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        mixture.text(**changes)


@pytest.mark.slow
def test_one_model_learns_several_problems_and_each_is_scored(tmp_path: Path):
    experiment = experiment_of(None, "mixture.text", "transformer.tiny", SETTINGS)
    train(experiment, tmp_path / "run")
    rows = [row for row in read_json_lines(tmp_path / "run" / "metrics.jsonl") if "validation/score" in row]
    assert {f"validation/{name} exact match" for name in NAMES} <= rows[-1].keys()
    parts = [rows[-1][f"validation/{name} exact match"] for name in NAMES]
    assert rows[-1]["validation/score"] == pytest.approx(sum(parts) / 2)
    assert len(load(tmp_path / "run").decode(["scan.simple: jump twice"])) == 1
