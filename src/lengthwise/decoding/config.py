"""How a model's outputs are searched for; imports no torch."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class DecodeConfig:
    """Settings of a search; those of another `method` than the chosen one are not read."""

    method: Literal["beam", "greedy", "sampling"] = "beam"
    beam: int = 4
    """Hypotheses kept alive per sentence; a beam of 1 is greedy."""
    length_penalty: float = 0.6
    """`alpha` of `log_prob / ((5 + length) / 6) ** alpha` (GNMT, 2016, eq. 14); larger prefers longer outputs."""
    num_return: int = 1
    """Hypotheses returned per sentence by a beam search, the best one first."""
    ctc_weight: float = 0.5
    """What the frames' score counts beside the decoder's, in models that have both; 1 leaves the decoder out."""
    language_model: str = ""
    """Texts that tell what is likely to be said, whose n-grams are counted (shallow fusion), in models that have
    frames: `train` for what the run has learned from, or text files, a line an output; several apart by commas."""
    language_weight: float = 0.6
    """What the n-grams' log-probability counts beside the frames' (whose weight is 1)."""
    language_bonus: float = 1.0
    """Added for each token, as a language model prefers few."""
    max_length: int | None = None
    """Most tokens a row may write, `EOS` included; by default twice its source and 20 more, at most 2,048."""
    temperature: float = 1.0
    top_k: int = 0
    """Sample from the so many likeliest tokens only; 0 for all."""
    top_p: float = 1.0
    """Sample from the fewest likeliest tokens that together have this probability; 1 for all."""
    seed: int = 0
    """Of sampling: row `i` depends on `(seed, i)` alone, whatever it is batched with."""
    constrained: bool = True
    """Whether what the problem's codec could not read is never written: trees are closed, at a limit too."""
    stops: tuple[str, ...] = ()
    """Texts that end an output, which is what stands before the first of them."""
    batch_tokens: int = 32768
    """Most positions (source and output, times `beam`) that one batch may hold; bounds memory.

    On the CPU each thread, up to 8, has such a batch.
    """

    def __post_init__(self) -> None:
        """Refuse what cannot be searched."""
        _require("method", self.method, self.method in ("beam", "greedy", "sampling"), "beam, greedy or sampling")
        _require("beam", self.beam, self.beam >= 1, "at least 1")
        _require("length_penalty", self.length_penalty, self.length_penalty >= 0, "0 or more")
        _require("num_return", self.num_return, 1 <= self.num_return <= self.width, "from 1 to `beam`, and 1 off beam")
        _require("max_length", self.max_length, self.max_length is None or self.max_length >= 1, "none or at least 1")
        is_warm = 0 < self.temperature < float("inf")
        _require("temperature", self.temperature, is_warm, "above 0 (for the likeliest token use `method=greedy`)")
        _require("top_k", self.top_k, self.top_k >= 0, "0 (off) or more")
        _require("top_p", self.top_p, 0 < self.top_p <= 1, "above 0 and at most 1 (off)")
        _require("stops", self.stops, all(self.stops), "texts of at least one character")
        _require("ctc_weight", self.ctc_weight, 0 <= self.ctc_weight <= 1, "from 0 to 1")
        _require("language_weight", self.language_weight, self.language_weight >= 0, "0 or more")
        _require("batch_tokens", self.batch_tokens, self.batch_tokens >= 1, "at least 1")

    @property
    def width(self) -> int:
        """Rows of the model per sentence."""
        return self.beam if self.method == "beam" else 1


def _require(name: str, value: object, is_right: bool, wanted: str) -> None:
    if not is_right:
        raise ValueError(f"`decode.{name}` must be {wanted}, but is {value}.")
