"""Word and character error rate by jiwer: edits of all rows, by the length of all references."""

import re
import unicodedata
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from lengthwise.metrics.score import Score, check_pairs

if TYPE_CHECKING:
    from jiwer import CharacterOutput, WordOutput

MISSING = "Error rates need jiwer, which is not installed. Install it with `pip install 'lengthwise[metrics]'`."
APOSTROPHES = str.maketrans(dict.fromkeys("’‘´`ʼ", "'"))
NUM_RESAMPLES = 1000
SEED = 12345
# Large test sets, whose interval is narrow anyway, get fewer resamples (at least 100).
MAX_RESAMPLED_ROWS = 2_000_000


def word_error_rate(hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """Words inserted, left out or wrong, in percent of the references' words; lower is better, and 100 is not the most.

    Both sides are `plain` first.
    """
    check_pairs(hypotheses, references)
    jiwer = _jiwer()
    sides = [plain(text) for text in references], [plain(text) for text in hypotheses]
    lengths = [len(text.split()) for text in sides[0]]
    return _score("WER", jiwer.process_words(*sides), lengths, has_interval)


def character_error_rate(hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """The same in characters, of which the spaces between words are some."""
    check_pairs(hypotheses, references)
    jiwer = _jiwer()
    sides = [plain(text) for text in references], [plain(text) for text in hypotheses]
    return _score("CER", jiwer.process_characters(*sides), list(map(len, sides[0])), has_interval)


def plain(text: str) -> str:
    """What is compared: lower case, words one space apart, without any sign but apostrophes inside of words.

    A hyphen parts words; digits stay as they are written.
    """
    text = unicodedata.normalize("NFC", text).lower().translate(APOSTROPHES)
    words = (word.strip("'") for word in re.split(r"[^\w']+|_", text))
    return " ".join(word for word in words if word)


def _score(name: str, output: "WordOutput | CharacterOutput", lengths: list[int], has_interval: bool) -> Score:
    import numpy as np

    total = sum(lengths)
    if not total:
        raise ValueError("`references` must have a word to be got right, but are empty.")
    errors = [sum(map(_num_edits, row)) for row in output.alignments]
    value, signature = 100 * sum(errors) / total, f"case:lower|punctuation:none|jiwer:{version('jiwer')}"
    if not has_interval:
        return Score(name, value, signature, is_error=True)
    most = max(100, min(NUM_RESAMPLES, MAX_RESAMPLED_ROWS // len(lengths)))
    generator = np.random.default_rng(SEED)
    rates = []
    for _ in range(most):
        rows = generator.integers(len(lengths), size=len(lengths))
        # A resample without a word has no rate.
        if length := np.asarray(lengths)[rows].sum():
            rates.append(100 * np.asarray(errors)[rows].sum() / length)
    low, high = np.percentile(rates, [2.5, 97.5]).tolist()
    return Score(name, value, f"{signature}|bs:{most}|seed:{SEED}", low, high, is_error=True)


def _num_edits(chunk) -> int:
    """Of a part of an alignment: as many as its longer side has places."""
    if chunk.type == "equal":
        return 0
    return max(chunk.ref_end_idx - chunk.ref_start_idx, chunk.hyp_end_idx - chunk.hyp_start_idx)


def _jiwer():
    try:
        import jiwer
    except ImportError:
        raise ValueError(MISSING) from None
    return jiwer
