"""What is measured while a model trains: cheap, and always on the same rows."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lengthwise.contracts import Model
from lengthwise.data.batching import BatchConfig
from lengthwise.data.pieces import Rows, as_read
from lengthwise.data.prepared import Prepared
from lengthwise.data.problem import Problem
from lengthwise.data.shards import Split
from lengthwise.decoding.config import DecodeConfig
from lengthwise.evaluation.evaluate import decode_rows
from lengthwise.evaluation.labels import guess
from lengthwise.evaluation.likelihood import likelihood
from lengthwise.runtime import Runtime

NUM_SAMPLES = 10
LABELS_PER_ROW = 10
"""A class is found in the time of a fraction of an output, and one of them says little."""


def validation(
    prepared: Prepared, problem: Problem, decode: DecodeConfig, runtime: Runtime, num_rows: int, samples: Path
) -> Callable[[Model, int], dict[str, float]]:
    """A function (model, step) -> figures of greedy decodes of `num_rows` rows (0: all); `score` is the first metric
    (minus it where lower is better), of a problem without inputs, or of pixels, the log-likelihood of these rows'
    tokens.

    Of problems with metrics for each part, it is the mean of the parts' first ones. Writes the first decodes beside
    their references to `samples/step-00001000.txt`. Processes share out the rows and decode them independently of each
    other, each with a whole model; only their results meet.
    """
    world, split, codec = runtime.world, prepared.split("validation"), prepared.targets
    if codec.feature.modality == "label":
        return _classification(split, runtime, LABELS_PER_ROW * num_rows)
    if not split.has_inputs or codec.feature.modality == "pixels":
        return _probability(as_read(split, problem), runtime, num_rows)
    rows = _spread(num_rows, len(split))
    texts = [split.texts(row) for row in rows]
    references = [target for _, target in texts]
    greedy = replace(decode, method="greedy", num_return=1)

    def figures(model: Model, step: int) -> dict[str, float]:
        nll = likelihood(model, split, BatchConfig(), runtime).nll
        mine = world.share.take(rows.tolist())
        hypotheses = world.merge(world.together(lambda: decode_rows(model, split, mine, codec, greedy, runtime)))
        found = _scores(problem, hypotheses, references, split.parts[rows])
        world.from_main(lambda: _write(samples / f"step-{step:08d}.txt", texts, hypotheses))
        score = found.pop("score", -nll)
        return {"score": score, **found, "nll (teacher-forced)": nll}

    return figures


def _classification(split: Split, runtime: Runtime, num_rows: int) -> Callable[[Model, int], dict[str, float]]:
    rows = _spread(num_rows, len(split))

    def figures(model: Model, step: int) -> dict[str, float]:
        nll = likelihood(model, split, BatchConfig(), runtime, rows).nll
        scores = guess(model, split, runtime, rows).scores()
        return {"score": scores[0].value, **{score.name: score.value for score in scores}, "nll (teacher-forced)": nll}

    return figures


def _probability(rows: Rows, runtime: Runtime, num_rows: int) -> Callable[[Model, int], dict[str, float]]:
    chosen = _spread(num_rows, len(rows))

    def figures(model: Model, step: int) -> dict[str, float]:
        nll = likelihood(model, rows, BatchConfig(), runtime, chosen).nll
        return {"score": -nll, "nll (teacher-forced)": nll}

    return figures


def _spread(num_rows: int, whole: int) -> np.ndarray:
    """So many row numbers evenly over all; 0: all."""
    return np.linspace(0, whole - 1, min(num_rows or whole, whole)).astype(int)


def _scores(
    problem: Problem, hypotheses: Sequence[str], references: Sequence[str], parts: np.ndarray
) -> dict[str, float]:
    """Of all rows by the problem's metrics, and of the rows of each part that has metrics of its own."""
    overall = {name: metric(hypotheses, references) for name, metric in problem.metrics.items()}
    found = {name: score.value for name, score in overall.items()}
    firsts = [score.merit for score in list(overall.values())[:1]]
    of_parts = []
    for part, metrics in problem.part_metrics.items():
        rows = np.flatnonzero(parts == problem.parts.index(part)).tolist()
        pair = [hypotheses[row] for row in rows], [references[row] for row in rows]
        scores = {name: metric(*pair) for name, metric in metrics.items()} if rows else {}
        found |= {f"{part} {name}": score.value for name, score in scores.items()}
        of_parts += [score.merit for score in list(scores.values())[:1]]
    firsts = of_parts or firsts
    return {"score": sum(firsts) / len(firsts), **found} if firsts else found


def _write(path: Path, texts: Sequence[tuple[str, str]], hypotheses: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"source     {source}\nreference  {reference}\nhypothesis {hypothesis}\n"
        for (source, reference), hypothesis in zip(texts[:NUM_SAMPLES], hypotheses, strict=False)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
