"""What a search answers with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hypothesis:
    """One output for one source."""

    tokens: list[int]
    """Ids without `EOS`."""
    score: float = 0.0
    """What hypotheses are ranked by: `log_prob` divided by the length penalty."""
    log_prob: float = 0.0
    """Natural logarithm of the probability the model gives to `tokens` and the `EOS` behind them, if it came."""
    alternatives: tuple["Hypothesis", ...] = ()
    """The next best ones, where more than one was asked for."""
