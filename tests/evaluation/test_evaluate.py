import numpy as np
import pytest
import torch

from lengthwise.decoding.config import DecodeConfig
from lengthwise.evaluation.evaluate import Evaluation, decode_rows, evaluate, for_decoding
from lengthwise.metrics.score import Score
from lengthwise.runtime import Runtime

GREEDY = DecodeConfig(method="greedy")


def count(hypotheses, references) -> Score:
    assert len(hypotheses) == len(references)
    return Score("rows", float(len(hypotheses)))


def evaluated(trained, prepared, split, metrics) -> Evaluation:
    texts = decode_rows(trained.model, split, range(len(split)), prepared.targets, GREEDY, trained.runtime)
    return evaluate(trained.model, split, texts, metrics, trained.runtime)


def test_hypotheses_stand_beside_their_sources_and_references(trained, prepared):
    split = prepared.split("test")
    found = evaluated(trained, prepared, split, {"rows": count})
    assert list(zip(found.sources, found.references, strict=True)) == [split.texts(row) for row in range(len(split))]
    assert found.hypotheses == trained.decode(found.sources, method="greedy")


def test_every_metric_sees_every_row(trained, prepared):
    split = prepared.split("test")
    assert [score.value for score in evaluated(trained, prepared, split, {"a": count, "b": count}).scores] == [
        len(split)
    ] * 2


@pytest.mark.parametrize(("num_near", "distinct"), [(0, []), (1, [-1]), (None, [])])
def test_rows_without_a_near_duplicate_are_scored_apart_where_they_are_a_part(trained, prepared, num_near, distinct):
    split = prepared.split("test")
    marks = np.zeros(len(split), bool)
    marks[:num_near] = num_near != 0
    split.is_near_duplicate = marks
    found = evaluated(trained, prepared, split, {"rows": count})
    assert [score.value for score in found.distinct_scores] == [len(split) + number for number in distinct]
    assert found.num_distinct == len(split) - marks.sum()


def test_parts_are_scored_by_themselves(trained, prepared):
    split = prepared.split("test")
    half = len(split) // 2
    split.parts = (np.arange(len(split)) >= half).astype(np.int16)
    references = [split.texts(row)[1] for row in range(len(split))]
    seen = []

    def note(hypotheses, references) -> Score:
        seen.append(references)
        return Score("noted", 0.0)

    parts = {"first": {"noted": note}, "second": {"noted": note, "again": note}}
    texts = decode_rows(trained.model, split, range(len(split)), prepared.targets, GREEDY, trained.runtime)
    found = evaluate(trained.model, split, texts, {}, trained.runtime, parts=parts)
    assert {name: len(scores) for name, scores in found.part_scores.items()} == {"first": 1, "second": 2}
    assert seen == [references[:half], references[half:], references[half:]]


def test_chosen_rows_are_decoded_in_the_order_asked_for(trained, prepared):
    split = prepared.split("test")
    arguments = (prepared.targets, GREEDY, trained.runtime)
    forwards = decode_rows(trained.model, split, [0, 1, 2], *arguments)
    assert decode_rows(trained.model, split, [2, 0], *arguments) == [forwards[2], forwards[0]]


def test_a_model_is_cast_for_decoding_without_being_changed(trained):
    half = Runtime(device=torch.device("cpu"), compute_dtype=torch.bfloat16, seed=0)
    cast = for_decoding(trained.model, half)
    assert {p.dtype for p in cast.parameters()} == {torch.bfloat16}
    assert {p.dtype for p in trained.model.parameters()} == {torch.float32}
    assert for_decoding(trained.model, trained.runtime) is trained.model
