"""What every metric returns."""

from collections.abc import Sequence
from dataclasses import dataclass


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
