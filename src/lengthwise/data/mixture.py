"""Which problem of a mixture the n-th update trains on: a pure function of rates, seed and n."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BLOCK = 1024
"""Draws that are counted together, so that a resumed run finds its place without drawing all that came before."""


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """How often each part is trained on."""

    rates: tuple[float, ...] = ()
    """One for each part; without them, parts go by their sizes."""
    temperature: float = 1.0
    """Rates to the power of its inverse: 1 leaves them, large ones make them equal (Aharoni et al. 2019)."""

    def __post_init__(self) -> None:
        if any(rate <= 0 for rate in self.rates):
            raise ValueError(f"`data.rates` must be above 0, but are {list(self.rates)}.")
        if not self.temperature > 0:
            raise ValueError(f"`data.temperature` must be above 0, but is {self.temperature}.")

    def shares(self, sizes: Sequence[int]) -> np.ndarray:
        """Of all updates, how many each part has; they sum to 1."""
        if self.rates and len(self.rates) != len(sizes):
            raise ValueError(
                f"`data.rates` must be as many as the {len(sizes)} problems of the mixture, but are {len(self.rates)}."
            )
        weights = np.array(self.rates or sizes, dtype=np.float64) ** (1 / self.temperature)
        return weights / weights.sum()


class Draws:
    """Which part each draw is of, and how many draws of it came before."""

    def __init__(self, shares: np.ndarray, seed: int) -> None:
        """Shares sum to 1."""
        self.shares, self.seed = shares, seed
        self._counts = [np.zeros(len(shares), dtype=np.int64)]
        self._cached: tuple[int, np.ndarray] = (-1, np.zeros(0, dtype=np.int64))

    def draw(self, index: int) -> tuple[int, int]:
        """The part of a draw, counted from 0, and its number among the draws of this part."""
        number, place = divmod(index, BLOCK)
        while len(self._counts) <= number:
            counts = np.bincount(self._block(len(self._counts) - 1), minlength=len(self.shares))
            self._counts.append(self._counts[-1] + counts)
        block = self._block(number)
        part = int(block[place])
        return part, int(self._counts[number][part] + (block[:place] == part).sum())

    def _block(self, number: int) -> np.ndarray:
        if self._cached[0] != number:
            random = np.random.default_rng([self.seed, number])
            self._cached = (number, random.choice(len(self.shares), size=BLOCK, p=self.shares))
        return self._cached[1]
