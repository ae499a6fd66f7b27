"""Scores of real decodes, with the teacher-forced ones beside them, labelled."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from lengthwise.contracts import Model
from lengthwise.data.batching import BatchConfig
from lengthwise.data.codecs.codec import Codec
from lengthwise.data.pieces import Rows
from lengthwise.data.problem import Metric, Report
from lengthwise.data.shards import Split
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.ctc import Continuations
from lengthwise.decoding.sequences import decode_sequences
from lengthwise.evaluation.labels import Guesses, guess
from lengthwise.evaluation.likelihood import Likelihood, likelihood
from lengthwise.layers.packed_linear import pack
from lengthwise.metrics.score import Score
from lengthwise.runtime import Runtime


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` found out about a split."""

    hypotheses: list[str]
    sources: list[str]
    references: list[str]
    scores: list[Any]
    """One `Score` per metric, over all rows."""
    distinct_scores: list[Any]
    """The same over the rows without a near-duplicate in train; empty where none is left or all are."""
    num_distinct: int
    """Rows without a near-duplicate in train."""
    likelihood: Likelihood
    part_scores: Mapping[str, list[Any]] = field(default_factory=dict)
    """The same over each part of the problem by itself, where it has parts."""


def evaluate(
    model: Model,
    split: Split,
    hypotheses: list[str],
    metrics: Mapping[str, Metric],
    runtime: Runtime,
    parts: Mapping[str, Mapping[str, Metric]] | None = None,
) -> Evaluation:
    """Compare what `decode_rows` gave for every row of the split with its reference.

    `parts`: names of the split's, with their metrics.
    """
    rows = range(len(split))
    texts = [split.texts(row) for row in rows]
    sources, references = [source for source, _ in texts], [target for _, target in texts]

    def scores(chosen: Sequence[int], by: Mapping[str, Metric] = metrics) -> list[Any]:
        pairs = [hypotheses[row] for row in chosen], [references[row] for row in chosen]
        return [metric(*pairs) for metric in by.values()]

    distinct = np.flatnonzero(~split.is_near_duplicate).tolist()
    is_part = 0 < len(distinct) < len(split)
    return Evaluation(
        hypotheses=hypotheses,
        sources=sources,
        references=references,
        scores=scores(rows),
        distinct_scores=scores(distinct) if is_part else [],
        num_distinct=len(distinct),
        likelihood=likelihood(model, split, BatchConfig(), runtime),
        part_scores={
            name: scores(np.flatnonzero(split.parts == number).tolist(), by)
            for number, (name, by) in enumerate((parts or {}).items())
        },
    )


def evaluate_continuation(model: Model, split: Split, rows: Rows, runtime: Runtime) -> Evaluation:
    """Of a problem without inputs: how likely its texts are, read as `rows`; nothing is decoded."""
    texts = [split.texts(row)[1] for row in range(len(split))]
    found = likelihood(model, rows, BatchConfig(), runtime)
    size = {
        "num_bytes": sum(len(text.encode()) for text in texts),
        "num_words": sum(len(text.split()) for text in texts),
    }
    return Evaluation(
        hypotheses=[],
        sources=[],
        references=texts,
        scores=[],
        distinct_scores=[],
        num_distinct=int((~split.is_near_duplicate).sum()),
        likelihood=replace(found, **size),
    )


def evaluate_pixels(model: Model, split: Split, runtime: Runtime) -> Evaluation:
    """Of a problem whose targets are images: how likely they are; nothing is drawn."""
    found = likelihood(model, split, BatchConfig(), runtime)
    return Evaluation(
        hypotheses=[],
        sources=[],
        references=[split.texts(row)[1] for row in range(len(split))],
        scores=[Score("bits per dimension", found.bits_per_token)],
        distinct_scores=[],
        num_distinct=int((~split.is_near_duplicate).sum()),
        likelihood=found,
    )


def evaluate_labels(model: Model, split: Split, codec: Codec, runtime: Runtime) -> Evaluation:
    """Of a problem whose targets are classes."""
    rows, texts = np.arange(len(split)), [split.texts(row) for row in range(len(split))]
    found, distinct = guess(model, split, runtime), np.flatnonzero(~split.is_near_duplicate)
    is_part = 0 < len(distinct) < len(rows)
    return Evaluation(
        hypotheses=[codec.decode([token]) for token in found.first.tolist()],
        sources=[source for source, _ in texts],
        references=[target for _, target in texts],
        scores=found.scores(),
        distinct_scores=Guesses(found.first[distinct], found.is_right[distinct]).scores() if is_part else [],
        num_distinct=len(distinct),
        likelihood=likelihood(model, split, BatchConfig(), runtime),
    )


def decode_rows(
    model: Model,
    split: Split,
    rows: Sequence[int],
    codec: Codec,
    decode: DecodeConfig,
    runtime: Runtime,
    report: Report | None = None,
    continuations: Continuations | None = None,
) -> list[str]:
    """The model's outputs for some rows of a split, as text."""
    sources = [split.tokens(row)[0] for row in rows]
    decoder = for_decoding(model, runtime)
    guides = {"constraint": codec.constraint, "continuations": continuations}
    found = decode_sequences(decoder, sources, decode, runtime, report, **guides)
    return [codec.decode(hypothesis.tokens) for hypothesis in found]


def for_decoding(model: Model, runtime: Runtime) -> Model:
    """The model in the type it computes in: casting and packing once is cheaper than doing so at every step."""
    if runtime.compute_dtype == torch.float32:
        return model
    copied = copy.deepcopy(model).to(runtime.compute_dtype).eval()
    pack(copied)
    return copied
