"""What every metric returns."""

from collections.abc import Sequence
from dataclasses import dataclass

NUM_RESAMPLES, SEED = 1000, 12345
# Large test sets, whose interval is narrow anyway, get fewer resamples (at least 100).
MAX_RESAMPLED_ROWS = 2_000_000


@dataclass(frozen=True)
class Score:
    """A figure with all that is needed to compare it."""

    name: str
    value: float
    signature: str = ""
    """How it was computed, in the reference implementation's own words."""
    low: float | None = None
    """Lower end of the 95 % interval of bootstrap resampling."""
    high: float | None = None
    is_error: bool = False
    """Whether lower is better."""

    @property
    def merit(self) -> float:
        """Higher is better."""
        return -self.value if self.is_error else self.value

    def __str__(self) -> str:
        interval = "" if self.low is None or self.high is None else f" [{self.low:.1f}, {self.high:.1f}]"
        signature = f" ({self.signature})" if self.signature else ""
        return f"{self.name} {self.value:.2f}{interval}{signature}"


def check_pairs(hypotheses: Sequence[str], references: Sequence[str]) -> None:
    """ValueError where the lists differ in length or are empty."""
    if len(hypotheses) != len(references):
        raise ValueError(
            f"`hypotheses` must be as many as `references`, but are {len(hypotheses):,} for {len(references):,}."
        )
    if not references:
        raise ValueError("`references` must have at least one row, but is empty.")


def mean_score(
    name: str, values: Sequence[float | bool], signature: str = "", *, scale: float = 100.0, has_interval: bool = True
) -> Score:
    """`scale` times the mean over rows, with the interval of resampled rows."""
    return ratio_score(
        name, list(map(float, values)), [1.0] * len(values), signature, scale=scale, has_interval=has_interval
    )


def ratio_score(
    name: str,
    parts: Sequence[float | int],
    wholes: Sequence[float | int],
    signature: str = "",
    *,
    scale: float = 100.0,
    has_interval: bool = True,
    is_error: bool = False,
) -> Score:
    """`scale` times the sum over rows of the first over that of the second, with the interval of resampled rows."""
    import numpy as np

    table = np.array([parts, wholes], dtype=float).T
    part, whole = table.sum(0).tolist()
    value = scale * part / whole if whole else 0.0
    if not has_interval:
        return Score(name, value, signature, is_error=is_error)
    most = max(100, min(NUM_RESAMPLES, MAX_RESAMPLED_ROWS // len(table)))
    generator = np.random.default_rng(SEED)
    sums = [table[generator.integers(len(table), size=len(table))].sum(0) for _ in range(most)]
    # A resample of rows that are all empty has no rate.
    rates = [scale * part / whole for part, whole in sums if whole] or [value]
    low, high = np.percentile(rates, [2.5, 97.5]).tolist()
    signature = "|".join(filter(None, (signature, f"bs:{most}|seed:{SEED}")))
    return Score(name, value, signature, low, high, is_error)
