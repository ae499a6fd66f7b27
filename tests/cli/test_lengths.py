import json

import pytest

from lengthwise.cli.lengths import _numbers, _seeds, command

SETTINGS = {
    "train.steps": "2", "batch.lengths": "[4,6]", "batch.rows_per_length": "4", "data.max_length": "6",
    "model.num_maps": "6", "train.validate_rows": "2",
}  # fmt: skip


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """Two untrained seeds of a Neural GPU."""
    from lengthwise.run import experiment_of, train

    path = tmp_path_factory.mktemp("lengths")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LENGTHWISE_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        for seed in ("0", "1"):
            changes = {**SETTINGS, "seed": seed}
            train(
                experiment_of(None, "algorithmic.reverse", "diagonal_neural_gpu.tiny", changes), path / f"seed-{seed}"
            )
    return path


def test_a_run_is_scored_by_length_and_kind_and_the_figures_are_written(seeds, tmp_path, capsys):
    command([seeds / "seed-0"], lengths="3,8", examples=5, output=tmp_path / "lengths.json")
    rows = json.loads((tmp_path / "lengths.json").read_text())
    assert set(rows[0]) == {"run", "length", "inputs", "examples", "exact_match", "symbol_accuracy"}
    assert {row["length"] for row in rows} == {3, 8}
    assert {row["inputs"] for row in rows} >= {"random", "equal", "palindrome", "zeros"}
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["length", "inputs", "examples", "exact", "match", "symbol", "accuracy"]
    assert len(lines) == 2 + len(rows)


def test_seeds_are_shown_as_median_and_worst(seeds, capsys):
    command([seeds], lengths="3", examples=4)
    assert "median and worst of 2 seeds" in capsys.readouterr().out


def test_kinds_of_inputs_are_chosen(seeds, capsys):
    command([seeds / "seed-0"], lengths="3,5", inputs="zeros,random", examples=4)
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()[2:]] == ["zeros", "random"] * 2
    with pytest.raises(ValueError, match="must be of random, equal, .* but 'chain' is asked for"):
        command([seeds / "seed-0"], lengths="3", inputs="zeros,chain")


def test_without_lengths_it_goes_to_ten_times_the_training_length(seeds, capsys):
    command([seeds / "seed-0"], examples=2)
    assert capsys.readouterr().out.splitlines()[-1].split()[0] == "51"


def test_seeds_are_in_order_and_a_run_stands_for_itself(seeds, tmp_path):
    assert [path.name for path in _seeds(seeds)] == ["seed-0", "seed-1"]
    assert _seeds(tmp_path) == [tmp_path]


@pytest.mark.parametrize("text", ["", "a", "3,0", "3;4"])
def test_lengths_that_are_none_are_said(text):
    with pytest.raises(ValueError, match="`--lengths` must be numbers above 0"):
        _numbers(text)


def test_a_run_on_a_fixed_corpus_is_refused(tiny_run):
    with pytest.raises(ValueError, match="must be trained on computed examples, but is on translation.files"):
        command([tiny_run])
