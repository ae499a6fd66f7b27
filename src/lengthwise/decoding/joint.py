"""Joint decoding of connectionist temporal classification and a decoder: the one's best prefixes, ranked by both.

The prefixes are those of a beam search over the frames, which the decoder then reads once (the second pass of Zhang et
al. 2020, arXiv 2012.05481, with both scores as Watanabe et al. 2017 weigh them).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lengthwise.contracts import EOS, PAD, START, Alignment, Autoregressive
from lengthwise.decoding.ctc import Continuations, ctc_beam_search
from lengthwise.decoding.hypothesis import Hypothesis


def joint_search(
    model: Autoregressive,
    inputs: Tensor,
    alignment: Alignment,
    *,
    beam: int,
    num_return: int = 1,
    ctc_weight: float = 0.5,
    continuations: Continuations | None = None,
) -> list[Hypothesis]:
    """For each row the best of `beam` prefixes by `ctc_weight` of the one score and the rest of the decoder's.

    A `ctc_weight` of 1 leaves the decoder out; `log_prob` is the decoder's where it isn't, else that of the frames.
    """
    found = ctc_beam_search(
        alignment.log_probs, alignment.lengths, blank=PAD, beam=beam, num_return=beam, continuations=continuations
    )
    rows = [[best, *best.alternatives] for best in found]
    if ctc_weight < 1:
        by_decoder = decoder_scores(model, inputs, [[each.tokens for each in row] for row in rows])
        rows = [
            [
                Hypothesis(each.tokens, ctc_weight * each.score + (1 - ctc_weight) * score, score)
                for each, score in zip(row, scores, strict=True)
            ]
            for row, scores in zip(rows, by_decoder, strict=True)
        ]
    return [_ranked(row, num_return) for row in rows]


def _ranked(row: list[Hypothesis], num_return: int) -> Hypothesis:
    best, *others = sorted(row, key=lambda each: -each.score)[:num_return]
    plain = tuple(Hypothesis(each.tokens, each.score, each.log_prob) for each in others)
    return Hypothesis(best.tokens, best.score, best.log_prob, plain)


def decoder_scores(model: Autoregressive, inputs: Tensor, candidates: list[list[list[int]]]) -> list[list[float]]:
    """The log-probability, `EOS` included, that a model gives to each of the outputs of each row."""
    most = max(map(len, candidates))
    # As many for every row: a beam of equal blocks is what caches are fast at.
    texts = [row[index] if index < len(row) else row[0] for row in candidates for index in range(most)]
    length = max(map(len, texts)) + 1
    closed = [[*text, EOS] + [PAD] * (length - 1 - len(text)) for text in texts]
    scores = _read(model, inputs, torch.tensor(closed, device=inputs.device), most).view(-1, most).tolist()
    return [found[: len(row)] for found, row in zip(scores, candidates, strict=True)]


@torch.no_grad()
def _read(
    model: Autoregressive, inputs: Tensor, texts: Int[Tensor, "rows length"], beam: int
) -> Float[Tensor, " rows"]:
    state = model.start(inputs, texts.shape[1])
    state.reorder(torch.arange(len(inputs), device=inputs.device).repeat_interleave(beam))
    tokens = torch.full_like(texts[:, 0], START)
    total = torch.zeros(len(texts), dtype=torch.float64, device=inputs.device)
    for wanted in texts.unbind(1):
        log_probs = model.step(tokens, state).double().log_softmax(-1)
        total += log_probs.gather(1, wanted[:, None])[:, 0] * (wanted != PAD)
        tokens = wanted
    return total
