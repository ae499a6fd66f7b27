from dataclasses import replace

import numpy as np
import pytest

from lengthwise.data.batching import BatchConfig
from lengthwise.data.codecs.bytes import Bytes
from lengthwise.data.loader import collate, sequential
from lengthwise.data.pieces import Pieces, as_read
from lengthwise.data.prepare import prepare
from lengthwise.problems import language_modeling


@pytest.fixture
def problem(tmp_path):
    for number in range(40):
        (tmp_path / f"{number:02d}.txt").write_text(
            "".join(chr(97 + (number + i) % 26) for i in range(10 * number + 1))
        )
    return language_modeling.files(source=str(tmp_path), max_length=64)


@pytest.fixture
def split(problem, tmp_path):
    return prepare("texts", problem, {}, cache=tmp_path / "cache").split("train")


def test_long_rows_are_kept_whole_and_read_in_pieces_that_are_the_rows(split):
    assert split.target_lengths.max() > 300
    pieces = Pieces(split, 64)
    assert pieces.target_lengths.max() == 64 and pieces.target_lengths.min() >= 1
    for row in range(len(split)):
        own = [pieces.tokens(piece)[1] for piece in np.flatnonzero(pieces.rows == row)]
        assert np.array_equal(np.concatenate(own), split.tokens(row)[1])
        assert all(len(tokens) == 64 for tokens in own[:-1])


def test_lengths_are_those_of_the_tokens(split):
    pieces = Pieces(split, 50)
    lengths = [len(pieces.tokens(piece)[1]) for piece in range(len(pieces))]
    assert pieces.target_lengths.tolist() == lengths and not pieces.input_lengths.any()


def test_pieces_make_batches_as_rows_do(split):
    pieces = Pieces(split, 64)
    batches = [collate(pieces, rows) for rows in sequential(pieces, BatchConfig(tokens=512))]
    assert sum(batch.num_target_tokens for batch in batches) == split.target_lengths.sum()
    some = np.array([3, 5])
    assert [rows.tolist() for rows in sequential(pieces, BatchConfig(), some)] in ([[3, 5]], [[5, 3]])


def test_only_cut_problems_are_read_in_pieces(problem, split):
    assert isinstance(as_read(split, problem), Pieces)
    assert as_read(split, replace(problem, is_cut=False)) is split
    assert as_read(split, problem, 10).target_lengths.max() == 10


def test_problems_with_inputs_cannot_be_cut(problem):
    with pytest.raises(ValueError, match="`is_cut` must be false"):
        replace(problem, inputs=Bytes(), targets=Bytes())
