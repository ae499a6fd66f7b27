"""What is measured while a model trains: cheap, and always on the same rows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from lengthwise.contracts import Model
from lengthwise.data.batching import BatchConfig
from lengthwise.data.prepared import Prepared
from lengthwise.data.problem import Metric
from lengthwise.decoding.config import DecodeConfig
from lengthwise.evaluation.evaluate import decode_rows
from lengthwise.evaluation.likelihood import likelihood
from lengthwise.runtime import Runtime

NUM_SAMPLES = 10


def validation(
    prepared: Prepared,
    metrics: Mapping[str, Metric],
    decode: DecodeConfig,
    runtime: Runtime,
    num_rows: int,
    samples: Path,
) -> Callable[[Model, int], dict[str, float]]:
    """A function (model, step) -> figures of greedy decodes of `num_rows` rows (0: all); `score` is the first metric.

    Writes the first decodes beside their references to `samples/step-00001000.txt`.
    """
    split = prepared.split("validation")
    rows = np.linspace(0, len(split) - 1, min(num_rows or len(split), len(split))).astype(int).tolist()
    texts = [split.texts(row) for row in rows]
    references = [target for _, target in texts]
    greedy = replace(decode, method="greedy", num_return=1)

    def figures(model: Model, step: int) -> dict[str, float]:
        hypotheses = decode_rows(model, split, rows, prepared.targets, greedy, runtime)
        found = {name: metric(hypotheses, references).value for name, metric in metrics.items()}
        nll = likelihood(model, split, BatchConfig(), runtime).nll
        samples.mkdir(parents=True, exist_ok=True)
        lines = [
            f"source     {source}\nreference  {reference}\nhypothesis {hypothesis}\n"
            for (source, reference), hypothesis in zip(texts[:NUM_SAMPLES], hypotheses, strict=False)
        ]
        (samples / f"step-{step:08d}.txt").write_text("\n".join(lines), encoding="utf-8")
        score = next(iter(found.values()), -nll)
        return {"score": score, **found, "nll (teacher-forced)": nll}

    return figures
