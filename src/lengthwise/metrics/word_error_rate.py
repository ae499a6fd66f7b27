"""Word and character error rate by jiwer: edits of all rows, by the length of all references."""

import re
import unicodedata
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from lengthwise.metrics.score import Score, check_pairs, ratio_score

if TYPE_CHECKING:
    from jiwer import CharacterOutput, WordOutput

MISSING = "Error rates need jiwer, which is not installed. Install it with `pip install 'lengthwise[metrics]'`."
APOSTROPHES = str.maketrans(dict.fromkeys("’‘´`ʼ", "'"))


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
    total = sum(lengths)
    if not total:
        raise ValueError("`references` must have a word to be got right, but are empty.")
    errors = [sum(map(_num_edits, row)) for row in output.alignments]
    signature = f"case:lower|punctuation:none|jiwer:{version('jiwer')}"
    return ratio_score(name, errors, lengths, signature, has_interval=has_interval, is_error=True)


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
