"""How often a model finds the right class, at once or among its first five guesses."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Int

from lengthwise.contracts import START, Model
from lengthwise.data.batching import BatchConfig
from lengthwise.data.loader import collate, sequential
from lengthwise.data.pieces import Rows
from lengthwise.metrics.score import Score
from lengthwise.runtime import Runtime

NUM_GUESSES = 5
ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class Guesses:
    """Of some rows, in their order."""

    first: Int[np.ndarray, " rows"]
    """Ids of the likeliest class."""
    is_right: Bool[np.ndarray, "rows guesses"]
    """Whether the first guess is right, the second, and so on."""

    def scores(self) -> list[Score]:
        """Top-1, and top-5 where there are more classes, with 95 % intervals of the normal approximation."""
        found = [_score("top-1", self.is_right[:, 0])]
        if self.is_right.shape[1] == NUM_GUESSES:
            found.append(_score(f"top-{NUM_GUESSES}", np.asarray(self.is_right.any(1))))
        return found


def guess(model: Model, split: Rows, runtime: Runtime, rows: Int[np.ndarray, " rows"] | None = None) -> Guesses:
    """The model's guesses for all rows, or these; processes share the batches out."""
    chosen = np.arange(len(split)) if rows is None else rows
    was_training, found = model.training, list[tuple[np.ndarray, np.ndarray, np.ndarray]]()
    model.eval()
    try:
        with torch.inference_mode(), runtime.autocast():
            batches = sequential(split, BatchConfig(tokens=2 * ROWS_AT_ONCE, max_rows=ROWS_AT_ONCE), chosen)
            for some in runtime.world.share.take(list(batches)):
                batch = collate(split, some).to(runtime.device)
                logits = model(batch).logits[:, 0, START + 1 :].float()
                count = min(NUM_GUESSES, max(1, logits.shape[1] - 1))
                best = logits.topk(count, dim=-1).indices + START + 1
                found.append((some, best[:, 0].cpu().numpy(), (best == batch.targets[:, :1]).cpu().numpy()))
    finally:
        model.train(was_training)
    found = [part for parts in runtime.world.gather(found) for part in parts]
    numbers, first, is_right = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(numbers)[np.argsort(np.argsort(chosen))]
    return Guesses(first[order], np.asarray(is_right)[order])


def _score(name: str, is_right: np.ndarray) -> Score:
    share = float(np.mean(is_right))
    margin = 1.96 * (share * (1 - share) / len(is_right)) ** 0.5
    return Score(name, 100 * share, low=100 * max(0.0, share - margin), high=100 * min(1.0, share + margin))
