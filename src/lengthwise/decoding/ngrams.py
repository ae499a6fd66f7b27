"""A language model of token sequences by counting, for shallow fusion: it needs no training and answers at once.

Interpolated with Witten-Bell's weights (1991): as a context was followed by T different tokens in its c occurrences,
the share of the next shorter context is T / (c + T).
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float

from lengthwise.contracts import EOS, PAD
from lengthwise.decoding.ctc import Continuations, Prefix

ORDER = 12


class Ngrams:
    """How often each token followed each context of up to `order` - 1 tokens; a sequence ends in `EOS`."""

    def __init__(self, rows: Iterable[Sequence[int]], vocab: int, order: int = ORDER) -> None:
        self.vocab, self.order = vocab, order
        counts: dict[Prefix, Counter[int]] = {}
        for row in rows:
            closed = (*row, EOS)
            for place, token in enumerate(closed):
                for length in range(min(order, place + 1)):
                    counts.setdefault(closed[place - length : place], Counter())[token] += 1
        self.followers = {
            context: (np.fromiter(found, np.int64), np.fromiter(found.values(), np.float64))
            for context, found in counts.items()
        }

    def probabilities(self, prefix: Sequence[int]) -> Float[np.ndarray, " vocab"]:
        """Of each token behind a prefix; `PAD`, which follows nothing, has some too."""
        found = np.full(self.vocab, 1 / self.vocab)
        for length in range(min(self.order - 1, len(prefix)) + 1):
            known = self.followers.get(tuple(prefix[len(prefix) - length :]))
            if known is None:
                break
            tokens, numbers = known
            found *= len(tokens)
            found[tokens] += numbers
            found /= numbers.sum() + len(tokens)
        return found

    def continuations(self, weight: float, bonus: float = 0.0) -> Continuations:
        """What `ctc_beam_search` adds to each token: `weight` times its log-probability, and (but to ends) `bonus`."""

        def added(prefixes: Sequence[Prefix]) -> Float[np.ndarray, "prefixes vocab"]:
            log_probs = weight * np.log(np.stack([self.probabilities(prefix) for prefix in prefixes]))
            ends = log_probs[:, EOS].copy()
            log_probs += bonus
            log_probs[:, PAD] = ends
            return log_probs

        return added
