"""Teacher-forced figures: how probable a model finds the right answer. They are no measure of what it writes."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int

from lengthwise.contracts import Model
from lengthwise.data.batching import BatchConfig
from lengthwise.data.loader import collate, sequential
from lengthwise.data.pieces import Rows
from lengthwise.losses import sequence_loss
from lengthwise.runtime import Runtime


@dataclass(frozen=True)
class Likelihood:
    """Of a split's targets, given the true tokens before each."""

    nll: float
    """Nats per target token, EOS included."""
    num_tokens: int
    num_bytes: int = 0
    """Of the targets' text, where it was counted."""
    num_words: int = 0
    """Of the same: what stands between white space."""

    @property
    def bits_per_byte(self) -> float:
        """Comparable between vocabularies; the ends of the texts count as bits, not as bytes."""
        return self.nll * self.num_tokens / math.log(2) / self.num_bytes

    @property
    def perplexity_per_word(self) -> float:
        """The exponential of the whole negative log-likelihood per word: comparable between vocabularies."""
        return math.exp(min(self.nll * self.num_tokens / max(1, self.num_words), 700))

    @property
    def bits_per_token(self) -> float:
        """Of an image: bits per dimension."""
        return self.nll / math.log(2)

    @property
    def perplexity(self) -> float:
        """exp(nll), per token of the run's own vocabulary."""
        return math.exp(min(self.nll, 700))


def likelihood(
    model: Model, split: Rows, config: BatchConfig, runtime: Runtime, rows: Int[np.ndarray, " rows"] | None = None
) -> Likelihood:
    """Mean negative log-likelihood over every row of the split, or these, log-softmax in fp32.

    Processes share batches out.
    """
    nll, num_tokens = 0.0, 0
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), runtime.autocast():
            for number, chosen in enumerate(sequential(split, config, rows)):
                if number % runtime.world.size != runtime.world.rank:
                    continue
                batch = collate(split, chosen).to(runtime.device)
                summed = sequence_loss(model(batch), batch)
                nll += summed.nll.item()
                num_tokens += summed.num_tokens
    finally:
        model.train(was_training)
    nll, num_tokens = runtime.world.sum([nll, num_tokens])
    return Likelihood(nll / max(1, num_tokens), int(num_tokens))
