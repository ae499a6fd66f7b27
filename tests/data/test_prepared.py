import json
import shutil
from pathlib import Path

import pytest

from lengthwise.data.prepare import prepare
from lengthwise.data.prepared import Prepared


@pytest.fixture
def prepared(problem_of, rows, tmp_path: Path) -> Prepared:
    return prepare("toy", problem_of(rows), {}, cache=tmp_path)


def test_a_moved_directory_opens_alone(prepared: Prepared, tmp_path: Path):
    moved = Prepared.open(Path(shutil.move(prepared.path, tmp_path / "elsewhere")))
    assert moved.targets.decode(moved.split("test").tokens(0)[1]) == moved.split("test").texts(0)[1]


def test_a_shared_vocabulary_is_one_codec(prepared: Prepared):
    assert prepared.inputs is prepared.targets
    assert prepared.features.is_shared
    assert prepared.features.inputs == prepared.features.targets


def test_an_unknown_split_is_named(prepared: Prepared):
    with pytest.raises(ValueError, match="`split` must be one of train, validation, test, but is 'dev'"):
        prepared.split("dev")


@pytest.mark.parametrize("content", [None, "", "{"])
def test_a_directory_that_is_none_of_ours_is_a_clear_error(tmp_path: Path, content):
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(ValueError, match="must be a prepared data set") as caught:
        Prepared.open(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_manifest_counts_what_the_shards_hold(prepared: Prepared):
    manifest = json.loads((prepared.path / "manifest.json").read_text())
    for name, summary in manifest["splits"].items():
        split = prepared.split(name)
        assert summary["num_rows"] == len(split)
        assert summary["num_targets_tokens"] == split.target_lengths.sum()
        assert summary["max_inputs_length"] == split.input_lengths.max()
        assert summary["num_near_duplicates"] == split.is_near_duplicate.sum()
