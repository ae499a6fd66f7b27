"""pass@k: the chance that one of k programs of a problem is right (Chen et al. 2021, arXiv 2107.03374)."""

import math
from collections.abc import Sequence

from lengthwise.metrics.score import Score, mean_score


def pass_at_k(num_samples: int, num_right: int, k: int) -> float:
    """The unbiased estimate for one problem, 1 - C(n - c, k) / C(n, k), exact to rounding for any n.

    Raises ValueError for k > n: of fewer than k samples nothing is known of k.
    """
    if not 0 <= num_right <= num_samples:
        raise ValueError(f"`num_right` must be from 0 to {num_samples:,}, but is {num_right:,}.")
    if not 1 <= k <= num_samples:
        raise ValueError(
            f"`k` must be from 1 to the number of samples, {num_samples:,}, but is {k:,}. Draw more, or ask for less."
        )
    # The quotient is symmetric in c and k: as many factors as the smaller has.
    few, many = sorted((num_right, k))
    if few + many > num_samples:
        return 1.0
    # The sum of logarithms is exact, and 1 - exp of it keeps small results exact too.
    return -math.expm1(math.fsum(math.log1p(-many / (num_samples - i)) for i in range(few)))


def mean_pass_at_k(num_samples: Sequence[int], num_right: Sequence[int], k: int) -> Score:
    """In percent over problems, with an interval over resampled problems; ValueError where one has under k samples."""
    return mean_score(f"pass@{k}", [pass_at_k(n, c, k) for n, c in zip(num_samples, num_right, strict=True)])


def paired_difference(first: Sequence[float], second: Sequence[float], name: str) -> Score:
    """The mean of `first - second` over problems in percent, with an interval over resampled problems."""
    if len(first) != len(second):
        raise ValueError(f"Both must have the same problems, but have {len(first):,} and {len(second):,}.")
    return mean_score(name, [a - b for a, b in zip(first, second, strict=True)])
