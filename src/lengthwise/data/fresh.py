"""Training batches of computed examples: drawn when asked for, never twice the same."""

import numpy as np
from jaxtyping import Int
from torch import Tensor

from lengthwise.contracts import EOS, Batch
from lengthwise.data.batching import BatchConfig
from lengthwise.data.codecs.codec import Codec
from lengthwise.data.loader import padded
from lengthwise.data.sources.generated.task import Generated

TRAIN_SEED = 0
"""Beside the user's seed; validation, test and the length report have others."""
SHARE_REPLAYED = 0.2
"""Of a curriculum's batches, how many are of any length up to its present one (Kaiser and Sutskever 2015)."""
SPREAD = 8
"""Without fixed lengths, a batch's examples are up to an eighth shorter than its longest."""


class Fresh:
    """Batches by global index, a pure function of seed and index as a `Loader`'s are."""

    def __init__(self, source: Generated, inputs: Codec, targets: Codec, config: BatchConfig, seed: int) -> None:
        """Fitted codecs of both sides."""
        self.source, self.inputs, self.targets, self.config, self.seed = source, inputs, targets, config, seed

    def batch(self, step: int, most: int | None = None) -> Batch:
        """The batch of this index; with `most`, as a curriculum wants it: most batches that long, none longer."""
        random = np.random.default_rng([self.seed, TRAIN_SEED, step])
        lengths = self._lengths(random, most)
        examples = [self.source.task.training_example(length, random) for length in lengths.tolist()]
        inputs, targets = zip(*examples, strict=True)
        return Batch(_closed(self.inputs, inputs), _closed(self.targets, targets))

    def _lengths(self, random: np.random.Generator, curriculum: int | None) -> Int[np.ndarray, " rows"]:
        least, config = self.source.min_length, self.config
        most = max(least, min(curriculum or self.source.max_length, self.source.max_length))
        if config.lengths:
            rows = config.rows_by_length(least, most)
            wanted = np.repeat(list(rows), list(rows.values()))
            is_shorter = random.random(len(wanted)) < config.share_shorter
            return np.where(is_shorter, random.integers(least, wanted + 1), wanted)
        is_replayed = curriculum is None or random.random() < SHARE_REPLAYED
        longest = int(random.integers(least, most, endpoint=True)) if is_replayed else most
        num_rows = min(config.max_rows, max(1, config.budget // (2 * (longest + 1))))
        return random.integers(max(least, longest - longest // SPREAD), longest, size=num_rows, endpoint=True)


def _closed(codec: Codec, texts: tuple[str, ...]) -> Int[Tensor, "rows length"]:
    return padded(tuple(np.array([*tokens, EOS]) for tokens in codec.encode_batch(texts)))
