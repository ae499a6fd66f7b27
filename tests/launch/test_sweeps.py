import json
from dataclasses import replace
from pathlib import Path

from lengthwise.launch.sweeps import Trial, combinations, directory_of, ranked, run_trial, write
from lengthwise.run import experiment_of
from lengthwise.training.checkpoint import Progress

SETTINGS = {
    "model.d_model": "16", "model.d_ff": "16", "model.num_heads": "2", "data.max_length": "6", "batch.tokens": "64",
    "precision": "fp32", "train.steps": "4", "train.validate_every": "4", "train.validate_rows": "2",
}  # fmt: skip


def test_every_combination_of_what_has_several_values_is_a_run():
    shared, varied = combinations({"train.steps": "100", "a.rate": "1e-3,2e-3", "a.sizes": "[1,2],[3,4]"})
    assert shared == {"train.steps": "100"}
    assert varied == [
        {"a.rate": rate, "a.sizes": sizes} for rate in ("1e-3", "2e-3") for sizes in ("[1,2]", "[3,4]")
    ]  # fmt: skip


def test_one_value_of_everything_is_one_run():
    assert combinations({"seed": "3"}) == ({"seed": "3"}, [{}])


def test_directories_are_told_apart_by_settings_and_are_plain_names():
    one = directory_of(Path("sweep"), {"train.optimizer.learning_rate": "1e-3", "model.positions": "a/b c"})
    assert one == Path("sweep/learning_rate=1e-3_positions=a_b_c")
    assert directory_of(Path("sweep"), {}) == Path("sweep/run")


def trial(score: float | None, error: str | None = None) -> Trial:
    progress = None if error else Progress(step=1, best_score=score)
    return Trial(path=Path(str(score)), settings={}, progress=progress, error=error)


def test_the_best_comes_first_and_the_failed_last():
    trials = [trial(None, "broken"), trial(0.2), trial(None), trial(0.9)]
    assert [(each.score, each.error) for each in ranked(trials)] == [
        (0.9, None), (0.2, None), (-float("inf"), None), (-float("inf"), "broken"),
    ]  # fmt: skip


def test_a_trial_trains_and_again_is_found_finished(tmp_path: Path):
    experiment = experiment_of(None, "algorithmic.copy", "transformer.tiny", SETTINGS)
    first = run_trial(experiment, tmp_path / "run", {"seed": "0"})
    assert first.error is None and first.progress is not None and first.progress.step == 4
    before = (tmp_path / "run" / "metrics.jsonl").stat().st_mtime_ns
    again = run_trial(experiment, tmp_path / "run", {"seed": "0"})
    assert again.score == first.score and (tmp_path / "run" / "metrics.jsonl").stat().st_mtime_ns == before


def test_what_makes_one_trial_fail_is_kept_beside_the_others(tmp_path: Path):
    experiment = experiment_of(None, "algorithmic.copy", "transformer.tiny", SETTINGS)
    run_trial(experiment, tmp_path / "run", {})
    other = run_trial(replace(experiment, seed=1), tmp_path / "run", {"seed": "1"})
    assert other.error is not None and "another config" in other.error
    write(tmp_path / "sweep.json", [other])
    (row,) = json.loads((tmp_path / "sweep.json").read_text())
    assert row["settings"] == {"seed": "1"} and row["score"] is None and "another config" in row["error"]
