import shutil
from pathlib import Path

import pytest

from lengthwise import run
from lengthwise.contracts import EOS

FILES = ("translation.files", "transformer.tiny")


def copied(run_directory: Path, tmp_path: Path) -> Path:
    return shutil.copytree(run_directory, tmp_path / "copy")


def test_a_run_holds_all_that_decoding_needs(tiny_run):
    assert {"config.json", "codecs", "checkpoints", "metrics.jsonl", "samples"} <= {p.name for p in tiny_run.iterdir()}


def test_a_run_decodes_each_text_in_order_without_its_data(tiny_run, tmp_path, monkeypatch):
    monkeypatch.setenv("LENGTHWISE_CACHE", str(tmp_path))
    trained = run.load(tiny_run)
    texts = ["red", "", "old new cold"]
    together = trained.decode(texts, max_length=5)
    assert together == [trained.decode([text], max_length=5)[0] for text in texts]
    assert together[1] == ""


def test_every_row_that_a_model_reads_ends_in_eos(tiny_run):
    assert [row[-1] for row in run.load(tiny_run)._encode(["red", "", " "])] == [EOS] * 3


def test_one_string_is_no_list_of_texts(tiny_run):
    with pytest.raises(ValueError, match="must be a list of strings"):
        run.load(tiny_run).decode("red")


def test_an_unknown_setting_of_decoding_is_answered_with_the_nearest(tiny_run):
    with pytest.raises(ValueError, match="Did you mean `beam`"):
        run.load(tiny_run).decode([], beem=2)


def test_a_directory_without_a_run_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must be a run directory"):
        run.load(tmp_path)


def test_a_run_without_a_checkpoint_says_so(tiny_run, tmp_path):
    copy = copied(tiny_run, tmp_path)
    shutil.rmtree(copy / "checkpoints")
    with pytest.raises(ValueError, match="must have a good checkpoint"):
        run.load(copy).decode(["red"])


def test_a_run_scores_a_split(tiny_run):
    found = run.load(tiny_run).evaluate("test", beam=1)
    assert [score.name for score in found.scores] == ["BLEU", "chrF"]
    assert found.likelihood.num_tokens > len(found.references)
