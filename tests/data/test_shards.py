from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lengthwise.data.shards import Encoded, Split, write_shards

SEQUENCE = st.lists(st.integers(1, 2**31 - 1), min_size=1, max_size=5)
ROW = st.tuples(SEQUENCE, SEQUENCE, st.tuples(st.text(), st.text()), st.booleans())
anywhere = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def small(num_rows: int) -> Encoded:
    return Encoded(inputs=[[i + 3, 1] for i in range(num_rows)], targets=[[i + 3] * i + [1] for i in range(num_rows)])


@given(rows=st.lists(ROW, min_size=1), rows_per_shard=st.integers(1, 4))
@anywhere
def test_every_row_comes_back_from_whatever_shard_it_is_in(tmp_path: Path, rows, rows_per_shard):
    inputs, targets, texts, marks = map(list, zip(*rows, strict=True))
    encoded = Encoded(inputs=inputs, targets=targets, texts=texts, is_near_duplicate=marks)
    split = Split(tmp_path, write_shards(tmp_path, "test", encoded, rows_per_shard))
    assert len(split) == len(rows)
    assert [tuple(side.tolist() for side in split.tokens(i)) for i in range(len(rows))] == list(
        zip(inputs, targets, strict=True)
    )
    assert [split.texts(i) for i in range(len(rows))] == texts
    assert split.is_near_duplicate.tolist() == marks
    assert split.input_lengths.tolist() == list(map(len, inputs))
    assert split.target_lengths.tolist() == list(map(len, targets))


def test_files_are_numbered_and_lengths_are_int32(tmp_path: Path):
    sizes = write_shards(tmp_path, "train", small(5), rows_per_shard=2)
    assert list(sizes) == ["train-00000.arrow", "train-00001.arrow", "train-00002.arrow"]
    split = Split(tmp_path, sizes)
    assert split.input_lengths.dtype == split.target_lengths.dtype == np.int32
    assert split.has_inputs and not split.has_texts and not split.is_near_duplicate.any()


def test_a_split_without_inputs_has_empty_ones(tmp_path: Path):
    split = Split(tmp_path, write_shards(tmp_path, "train", Encoded(inputs=None, targets=[[5, 1], [1]])))
    assert not split.has_inputs
    assert split.input_lengths.tolist() == [0, 0]
    assert [side.tolist() for side in split.tokens(0)] == [[], [5, 1]]


@pytest.mark.parametrize("row", [-1, 3])
def test_a_row_that_is_not_there_is_an_error(tmp_path: Path, row):
    with pytest.raises(IndexError, match=f"`row` must be between 0 and 2, but is {row}"):
        Split(tmp_path, write_shards(tmp_path, "train", small(3))).tokens(row)


def test_train_has_no_raw_texts(tmp_path: Path):
    with pytest.raises(ValueError, match="must be validation or test"):
        Split(tmp_path, write_shards(tmp_path, "train", small(3))).texts(0)


@pytest.mark.parametrize("damage", ["cut", "garbage", "missing", "empty", "another"])
def test_a_damaged_file_is_named_in_one_line(tmp_path: Path, damage):
    sizes = write_shards(tmp_path, "train", small(30), rows_per_shard=15)
    first, path = tmp_path / "train-00000.arrow", tmp_path / "train-00001.arrow"
    whole = path.read_bytes()
    contents = {"cut": whole[:-9], "garbage": b"x" * len(whole), "empty": b"", "another": first.read_bytes()}
    path.unlink()
    if damage != "missing":
        path.write_bytes(contents[damage])
    expected = "train-00001.arrow` must be a whole shard, but is not .* prepare again"
    with pytest.raises(ValueError, match=expected) as caught:
        Split(tmp_path, sizes)
    assert "\n" not in str(caught.value)


def test_a_file_cut_short_is_found_even_where_its_size_was_not_noted(tmp_path: Path):
    (name,) = write_shards(tmp_path, "train", small(30))
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match="must be a whole shard"):
        Split(tmp_path, {name: path.stat().st_size})
