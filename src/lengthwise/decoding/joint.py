"""Outputs of models that align and write: candidates of the alignment, judged by both (Watanabe et al. 2017)."""

from dataclasses import replace

import torch
from torch import Tensor

from lengthwise.contracts import EOS, PAD, Aligner, Batch
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.ctc import ctc_beam_search, ctc_greedy
from lengthwise.decoding.hypothesis import Hypothesis
from lengthwise.losses import position_losses

WIDER = 2
"""Prefixes that are followed for each candidate that is judged."""


def joint(model: Aligner, inputs: Tensor, config: DecodeConfig) -> list[Hypothesis]:
    """The likeliest path's output (greedy); or of `beam` candidates those with the best sum of both log-probabilities,
    the alignment's weighted by `ctc_weight` and the decoder's by the rest.
    """
    log_probs, lengths = model.align(inputs)
    if config.method == "greedy":
        return ctc_greedy(log_probs, lengths, blank=PAD)
    # As tokens behind each other these two never stand for anything.
    log_probs[:, :, EOS] = -torch.inf
    found = ctc_beam_search(
        log_probs, lengths, blank=PAD, beam=WIDER * config.beam, num_return=max(config.beam, config.num_return)
    )
    if config.ctc_weight == 1:
        return [replace(best, alternatives=best.alternatives[: config.num_return - 1]) for best in found]
    return [_judged(model, inputs[row : row + 1], best, config) for row, best in enumerate(found)]


def _judged(model: Aligner, inputs: Tensor, best: Hypothesis, config: DecodeConfig) -> Hypothesis:
    candidates = [best, *best.alternatives]
    rows = [torch.tensor([*each.tokens, EOS]) for each in candidates]
    targets = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD).to(inputs.device)
    batch = Batch(inputs.expand(len(rows), *inputs.shape[1:]), targets)
    written = (-position_losses(model(batch), batch).sum(1)).tolist()
    weight = config.ctc_weight
    judged = [
        replace(each, score=weight * each.log_prob + (1 - weight) * other, alternatives=())
        for each, other in zip(candidates, written, strict=True)
    ]
    first, *others = sorted(judged, key=lambda each: -each.score)[: config.num_return]
    return replace(first, alternatives=tuple(others))
