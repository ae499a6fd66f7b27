"""Teacher-forced figures: how probable a model finds the right answer. They are no measure of what it writes."""

import math
from dataclasses import dataclass

import torch

from lengthwise.contracts import Model
from lengthwise.data.batching import BatchConfig
from lengthwise.data.loader import collate, sequential
from lengthwise.data.shards import Split
from lengthwise.losses import sequence_loss
from lengthwise.runtime import Runtime


@dataclass(frozen=True)
class Likelihood:
    """Of a split's targets, given the true tokens before each."""

    nll: float
    """Nats per target token, EOS included."""
    num_tokens: int

    @property
    def perplexity(self) -> float:
        """exp(nll), per token of the run's own vocabulary."""
        return math.exp(min(self.nll, 700))


def likelihood(model: Model, split: Split, config: BatchConfig, runtime: Runtime) -> Likelihood:
    """Mean negative log-likelihood over every row of the split, log-softmax in fp32; processes share batches out."""
    nll, num_tokens = 0.0, 0
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), runtime.autocast():
            for number, rows in enumerate(sequential(split, config)):
                if number % runtime.world.size != runtime.world.rank:
                    continue
                batch = collate(split, rows).to(runtime.device)
                summed = sequence_loss(model(batch), batch)
                nll += summed.nll.item()
                num_tokens += summed.num_tokens
    finally:
        model.train(was_training)
    nll, num_tokens = runtime.world.sum([nll, num_tokens])
    return Likelihood(nll / max(1, num_tokens), int(num_tokens))
