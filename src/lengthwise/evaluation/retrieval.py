"""How often a model finds the right text for an input among others: the one that the input makes more likely."""

import numpy as np
import torch
from jaxtyping import Float, Int

from lengthwise.contracts import PAD, Batch, Model
from lengthwise.data.loader import padded, stacked
from lengthwise.data.shards import Split
from lengthwise.losses import position_losses
from lengthwise.metrics.score import Score
from lengthwise.runtime import Runtime

NUM_CHOICES = 20
SEED = 0
INPUTS_AT_ONCE = 4


def retrieval(model: Model, split: Split, runtime: Runtime, num_choices: int = NUM_CHOICES) -> Score:
    """Percent of rows whose own text is chosen among `num_choices` different ones, drawn once for all models.

    A text is judged by how much likelier it is than beside the other inputs that it is a choice for: what is likely
    beside everything, as short texts are, says nothing. Of equal judgements none is right.
    """
    choices = _choices(split, num_choices)
    log_probs = _log_probs(model, split, choices, runtime)
    rows, columns = np.repeat(np.arange(len(choices)), choices.shape[1]), choices.ravel()
    sums, counts = np.zeros(len(split)), np.zeros(len(split))
    np.add.at(sums, columns, log_probs.ravel())
    np.add.at(counts, columns, 1)
    judged = log_probs - (sums / np.maximum(1, counts))[choices]
    others = np.where(choices == rows.reshape(choices.shape), -np.inf, judged).max(1)
    is_right = judged[:, 0] > others
    share = float(is_right.mean())
    margin = 1.96 * (share * (1 - share) / len(is_right)) ** 0.5
    low, high = (100 * min(1.0, max(0.0, each)) for each in (share - margin, share + margin))
    return Score(f"right text among {choices.shape[1]}", 100 * share, f"seed:{SEED}", low, high)


def _choices(split: Split, num_choices: int) -> Int[np.ndarray, "rows choices"]:
    """For each row itself and rows of other texts, all different."""
    texts = [split.texts(row)[1].casefold() for row in range(len(split))]
    distinct = {text: row for row, text in reversed(list(enumerate(texts)))}
    if len(distinct) < num_choices:
        raise ValueError(f"A split must have {num_choices} different texts to choose from, but has {len(distinct)}.")
    random, found = np.random.default_rng(SEED), []
    names = sorted(distinct)
    for row, text in enumerate(texts):
        drawn = [name for name in random.permutation(names)[:num_choices].tolist() if name != text]
        found.append([row, *(distinct[name] for name in drawn[: num_choices - 1])])
    return np.array(found)


def _log_probs(
    model: Model, split: Split, choices: Int[np.ndarray, "rows choices"], runtime: Runtime
) -> Float[np.ndarray, "rows choices"]:
    """Of every choice beside its row's input; processes share the rows out."""
    rows, was_training = runtime.world.share.take(list(range(len(choices)))), model.training
    found = []
    model.eval()
    try:
        with torch.inference_mode(), runtime.autocast():
            for begin in range(0, len(rows), INPUTS_AT_ONCE):
                some = np.array(rows[begin : begin + INPUTS_AT_ONCE])
                inputs = stacked([split.tokens(row)[0] for row in some.tolist()])
                targets = padded(tuple(split.tokens(row)[1] for row in choices[some].ravel().tolist()))
                batch = Batch(inputs.repeat_interleave(choices.shape[1], 0), targets).to(runtime.device)
                assert bool((batch.targets[:, 0] != PAD).all())
                losses = position_losses(model(batch), batch).sum(1)
                found += (-losses).view(len(some), -1).double().cpu().numpy().tolist()
    finally:
        model.train(was_training)
    return np.array(runtime.world.merge(found))
