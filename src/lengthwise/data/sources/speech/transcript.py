"""What a recording says, written as it is said: the one place where transcripts are cleaned."""

import re
import unicodedata

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected

STAGE_MARK = re.compile(r"\([^)]*\)|\[[^]]*\]|<[^>]*>")
"""What is heard but not said: `(sigh)`, `[ascending tones]`, `<gulp>`."""
PUNCTUATION = frozenset(".,;:!?…-–—\"'“”„»«¿¡")
APOSTROPHES = str.maketrans(dict.fromkeys("’‘´`ʼ", "'"))
DIGITS = "zero one two three four five six seven eight nine".split()


def spoken(text: str) -> str:
    """The words of a transcript: lower case, one space apart, with no sign but apostrophes inside of words.

    Raises ValueError with the reason where stage marks alone are left (`no letters`), or digits and signs that do not
    tell how they are said (`digits or signs`).
    """
    text = unicodedata.normalize("NFC", STAGE_MARK.sub(" ", text)).lower().translate(APOSTROPHES)
    others = {character for character in text if not (character.isalpha() or character.isspace())}
    if not others <= PUNCTUATION:
        raise ValueError("digits or signs")
    words = (word.strip("'") for word in re.split(r"[^\w']+", text))
    if not (said := " ".join(word for word in words if word)):
        raise ValueError("no letters")
    return said


def with_digits_spelled(text: str) -> str:
    """English text with every digit that stands alone as a word: `press one`."""
    return re.sub(r"(?<![\w.])\d(?!\w|\.\d)", lambda digit: DIGITS[int(digit[0])], text)


def recording(sound: Blob, text: str, document: str | None, where: str, split: str | None = None) -> Example | Rejected:
    """A row of a source for recognition: what is said in a sound."""
    try:
        return {"inputs": sound, "targets": spoken(text), "document": document, "where": where, "split": split}
    except ValueError as error:
        return Rejected(reason=f"transcript: {error}", where=where, is_bad=False)
