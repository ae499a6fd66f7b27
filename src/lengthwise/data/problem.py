"""A problem: where examples come from, how both sides become tokens, and what counts as a good answer."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lengthwise.contracts import Example, Places
from lengthwise.data.augmentation import Augmentation
from lengthwise.data.codecs.codec import Codec
from lengthwise.data.mixture import Mixture
from lengthwise.data.sound_augmentation import SoundAugmentation

Metric = Callable[[Sequence[str], Sequence[str]], Any]
"""(hypotheses, references) -> `lengthwise.metrics.score.Score`."""

Baseline = Callable[[Sequence[str]], list[str]]
"""Inputs -> an output for each, by a rule."""

Report = Callable[[str, int, int | None], None]
"""Progress: (what is being done, how much is done, out of how many if known)."""


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A row that a source could not or would not turn into an example; yielded in its place."""

    reason: str
    """Short and the same for all rows of a kind: `invalid UTF-8`."""
    where: str
    """File and row: `pairs.tsv:17`."""
    is_bad: bool = True
    """False where a cleaning filter left it out: too many *bad* rows stop `prepare`, filtered ones never do."""


class Source(ABC):
    """Where examples come from."""

    name: str
    licence: str
    is_endless: bool = False
    """Whether training examples are drawn when asked for; `read` then yields validation and test only."""
    is_split_exact: bool = False
    """Whether the source answers for its splits (published ones, or held-out combinations): no row is dropped or marked
    for being like one of train."""

    @abstractmethod
    def fetch(self, report: Report | None = None) -> None:
        """Bring the data into the cache; instant where it is there already."""

    @abstractmethod
    def checksums(self) -> dict[str, str]:
        """Name -> sha256 of every file read; called after `fetch`."""

    def code(self) -> Iterable[object]:
        """Functions and classes, beside its own, that its rows come from: when their files change, rows are stale."""
        return ()

    @abstractmethod
    def read(self) -> Iterator[Example | Rejected]:
        """Every row once, in a fixed order.

        Keys of an example: `targets` and, unless the problem has no inputs, `inputs` (str); optional are
        `document` (str | None: its rows are never split), `split` ("train" | "validation" | "test" | None, where the
        source fixes it), `where` (file and row, for error messages) and `part` (one of the problem's `parts`).
        """


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Source + codecs + metrics; declared as a function of a few lines in `problems/`."""

    source: Source
    inputs: Codec | None
    targets: Codec
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    is_shared: bool = True
    """One vocabulary for both sides: `inputs` and `targets` are then equal codecs."""
    max_length: int = 256
    """Tokens a side, EOS included; longer rows leave train, validation and test keep up to four times as many."""
    is_cut: bool = False
    """Whether longer rows are read in pieces of `max_length` instead; of problems without inputs."""
    growth: tuple[int, int] | None = None
    """(a, b): inputs of n tokens have at most a·n + b target tokens; what a model that writes at once must know."""
    places: Places | None = None
    """Which input a target depends on most: for positions that couple the two; None where there is no such input."""
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    """What rules reach that learn nothing, by name."""
    parts: tuple[str, ...] = ()
    """What rows may be of, such as kinds of questions or problems of a mixture: scored by themselves too."""
    part_metrics: Mapping[str, Mapping[str, Metric]] = field(default_factory=dict)
    """Metrics of parts that have others than `metrics`."""
    augmentation: Augmentation | SoundAugmentation | None = None
    """How images or sounds to learn from are changed."""
    mixture: Mixture | None = None
    """How training mixes the parts; None: rows of all parts are one set."""
    description: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        if self.max_length < 2:
            raise ValueError(f"`max_length` must be at least 2 (a token and EOS), but is {self.max_length}.")
        if self.is_cut and self.inputs is not None:
            raise ValueError("`is_cut` must be false for a problem with inputs, but is true. Give whole rows.")
        if self.is_shared and self.inputs is not None and self.inputs != self.targets:
            raise ValueError(
                f"`inputs` and `targets` must be the same codec where `is_shared`, but are {self.inputs!r} and "
                f"{self.targets!r}. Give both sides one codec, or set is_shared=False."
            )
