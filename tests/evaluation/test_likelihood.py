import math

import pytest
import torch

from lengthwise.contracts import Batch
from lengthwise.data.batching import BatchConfig
from lengthwise.evaluation.likelihood import Likelihood, likelihood
from lengthwise.runtime import Runtime


def test_it_is_the_mean_of_log_softmax_over_real_targets(trained, prepared):
    split = prepared.split("test")
    total, num_tokens = 0.0, 0
    for row in range(len(split)):
        inputs, targets = (torch.tensor(ids, dtype=torch.long)[None] for ids in split.tokens(row))
        with torch.no_grad():
            logits = trained.model(Batch(inputs, targets)).logits.float()
        total -= logits.log_softmax(-1).gather(2, targets[..., None]).sum().item()
        num_tokens += targets.numel()
    found = likelihood(trained.model, split, BatchConfig(), trained.runtime)
    assert found.num_tokens == num_tokens
    assert found.nll == pytest.approx(total / num_tokens, rel=1e-5)


def test_it_does_not_depend_on_how_rows_are_batched(trained, prepared):
    split = prepared.split("validation")
    one_by_one, together = (
        likelihood(trained.model, split, config, trained.runtime)
        for config in (BatchConfig(max_rows=1), BatchConfig(tokens=100_000))
    )
    assert one_by_one.num_tokens == together.num_tokens
    assert one_by_one.nll == pytest.approx(together.nll, rel=1e-5)


def test_half_precision_is_close(trained, prepared):
    split, half = prepared.split("test"), Runtime(device=torch.device("cpu"), compute_dtype=torch.bfloat16, seed=0)
    exact = likelihood(trained.model, split, BatchConfig(), trained.runtime).nll
    assert likelihood(trained.model, split, BatchConfig(), half).nll == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize("is_training", [True, False])
def test_the_model_is_left_as_it_was(trained, prepared, is_training):
    trained.model.train(is_training)
    likelihood(trained.model, prepared.split("test"), BatchConfig(), trained.runtime)
    assert trained.model.training == is_training


def test_the_model_is_left_as_it_was_even_where_it_fails(trained, prepared):
    trained.model.train()
    del trained.model.head
    with pytest.raises(AttributeError, match="head"):
        likelihood(trained.model, prepared.split("test"), BatchConfig(), trained.runtime)
    assert trained.model.training


@pytest.mark.parametrize(("nll", "perplexity"), [(0.0, 1.0), (math.log(7), 7.0), (1e9, math.exp(700))])
def test_perplexity_is_the_exponential_and_never_overflows(nll, perplexity):
    assert Likelihood(nll, 1).perplexity == pytest.approx(perplexity)
