"""Decoding of connectionist temporal classification (Graves et al. 2006): greedy, and prefix beam search.

A model gives every frame a distribution over tokens and a blank; a path stands for what is left of it without repeats,
then without blanks. The search (Graves & Jaitly 2014, Hannun et al. 2014) sums over the paths of a prefix.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from lengthwise.decoding.best_tokens import check_numbers
from lengthwise.decoding.hypothesis import Hypothesis

Prefix = tuple[int, ...]
Continuations = Callable[[Sequence[Prefix]], Float[np.ndarray, "prefixes vocab"]]
"""What another model adds to the log-probability of each token behind each prefix; at the blank's place, of its end.

Weighted already (a language model's log-probability times its weight, plus a bonus a token); asked once for a prefix.
"""


def ctc_greedy(
    log_probs: Float[Tensor, "batch frames vocab"], lengths: Int[Tensor, " batch"], *, blank: int
) -> list[Hypothesis]:
    """What the likeliest path of each row stands for; `log_prob` is of that path alone."""
    check_numbers(log_probs.sum(-1).flatten())
    best = log_probs.float().max(-1)
    rows = zip(best.indices.tolist(), best.values.double().cpu(), lengths.tolist(), strict=True)
    found = []
    for path, values, length in rows:
        log_prob = float(values[:length].sum())
        found.append(Hypothesis(collapse(path[:length], blank), log_prob, log_prob))
    return found


def collapse(path: Sequence[int], blank: int) -> list[int]:
    """What a path of tokens and blanks stands for."""
    return [token for index, token in enumerate(path) if token != blank and (not index or token != path[index - 1])]


def ctc_beam_search(
    log_probs: Float[Tensor, "batch frames vocab"],
    lengths: Int[Tensor, " batch"],
    *,
    blank: int,
    beam: int = 8,
    num_return: int = 1,
    continuations: Continuations | None = None,
) -> list[Hypothesis]:
    """The best prefix of each row, the next best ones in its `alternatives`.

    `log_prob` is the logarithm of the sum over the paths of a prefix that were not dropped on the way, `score` the same
    and what `continuations` add.
    """
    check_numbers(log_probs.sum(-1).flatten())
    rows = zip(log_probs.double().cpu().numpy(), lengths.tolist(), strict=True)
    return [_best(frames[:length], blank, beam, num_return, continuations) for frames, length in rows]


@dataclass
class _Beam:
    """The prefixes that are still followed."""

    prefixes: list[Prefix]
    blank: np.ndarray
    """Log-probability of all paths that end in a blank, by prefix."""
    token: np.ndarray
    """Of those that end in the prefix's last token."""
    added: np.ndarray
    """What continuations have added."""

    @property
    def log_probs(self) -> np.ndarray:
        return np.logaddexp(self.blank, self.token)


def _best(
    frames: np.ndarray, blank: int, beam: int, num_return: int, continuations: Continuations | None
) -> Hypothesis:
    live = _Beam([()], np.zeros(1), np.full(1, -np.inf), np.zeros(1))
    known = _Known(continuations, frames.shape[-1])
    for frame in frames:
        live = _advance(live, frame, blank, beam, known.rows(live.prefixes))
    scores = live.log_probs + live.added + known.rows(live.prefixes)[:, blank]
    order = np.argsort(-scores, kind="stable")[:num_return]
    found = [Hypothesis(list(live.prefixes[i]), float(scores[i]), float(live.log_probs[i])) for i in order]
    return Hypothesis(found[0].tokens, found[0].score, found[0].log_prob, tuple(found[1:]))


def _advance(live: _Beam, frame: np.ndarray, blank: int, beam: int, added: np.ndarray) -> _Beam:
    """One frame more: every prefix stays as it is or gets one token longer, and the best of all are followed."""
    last = np.array([prefix[-1] if prefix else blank for prefix in live.prefixes])
    stays = live.log_probs + frame[blank]
    repeats = np.where(last == blank, -np.inf, live.token + frame[last])
    longer = live.log_probs[:, None] + frame
    # The same token again makes a prefix longer only behind a blank.
    longer[np.arange(len(last)), last] = live.blank + frame[last]
    longer[:, blank] = -np.inf
    _merge(live.prefixes, longer, repeats)
    scores = np.concatenate([np.logaddexp(stays, repeats)[:, None], longer + added], axis=1) + live.added[:, None]
    rows, columns = np.unravel_index(_highest(scores.ravel(), beam), scores.shape)
    tokens, is_longer = columns - 1, columns > 0
    return _Beam(
        [
            live.prefixes[row] + ((token,) if token >= 0 else ())
            for row, token in zip(rows, tokens.tolist(), strict=True)
        ],
        np.where(is_longer, -np.inf, stays[rows]),
        np.where(is_longer, longer[rows, tokens], repeats[rows]),
        live.added[rows] + np.where(is_longer, added[rows, tokens], 0),
    )


def _highest(scores: np.ndarray, count: int) -> np.ndarray:
    """Places of the highest scores in falling order; impossible ones only where there is no other."""
    order = np.argsort(-scores, kind="stable")[:count]
    return order[: max(1, int((scores[order] > -np.inf).sum()))]


def _merge(prefixes: list[Prefix], longer: np.ndarray, repeats: np.ndarray) -> None:
    """Where a prefix made longer is one that is there already, its paths are that one's."""
    places = {prefix: place for place, prefix in enumerate(prefixes)}
    for place, prefix in enumerate(prefixes):
        if prefix and (parent := places.get(prefix[:-1])) is not None:
            repeats[place] = np.logaddexp(repeats[place], longer[parent, prefix[-1]])
            longer[parent, prefix[-1]] = -np.inf


class _Known:
    """What continuations say of prefixes, asked once for each."""

    def __init__(self, continuations: Continuations | None, vocab: int) -> None:
        self.continuations, self.vocab = continuations, vocab
        self.found: dict[Prefix, np.ndarray] = {}

    def rows(self, prefixes: list[Prefix]) -> np.ndarray:
        if self.continuations is None:
            return np.zeros((len(prefixes), self.vocab))
        new = [prefix for prefix in prefixes if prefix not in self.found]
        if new:
            self.found.update(zip(new, self.continuations(new), strict=True))
        return np.stack([self.found[prefix] for prefix in prefixes])
