"""Why a pair of passages teaches no translation: small pure functions, each giving a reason or None."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

PLACEHOLDER = re.compile(
    r"%(?:\d+\$)?[-+ 0#']*\d*(?:\.\d+)?l{0,2}[sdifuxcg]\b"  # printf
    r"|%\d+|%\(\w+\)\w?|%[A-Z]{3,}|\$\{?\w+\}?|\{\w*\}"  # Qt, Python, LibreOffice, shells, braces
)
WORD = re.compile(r"[^\W\d_]{3,}")
INVISIBLE = str.maketrans(dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a pair must keep to."""

    min_words: int = 1
    """On the English side; the other needs half as many."""
    max_words: int = 120
    """On either side."""
    max_ratio: float = 2.5
    """Between the characters of both sides, either way; short texts get ten characters' grace."""
    max_copied: float = 0.7
    """Share of the words that stand unchanged on the other side."""

    def __post_init__(self) -> None:
        if not 1 <= self.min_words <= self.max_words:
            raise ValueError(
                f"`min_words` must be from 1 to max_words ({self.max_words}), but is {self.min_words}. Choose another."
            )
        if self.max_ratio <= 1 or not 0 < self.max_copied <= 1:
            raise ValueError(
                f"`max_ratio` must be above 1 and `max_copied` in (0, 1], but are {self.max_ratio}, {self.max_copied}."
            )


def tidy(text: str) -> str:
    """One line in composed Unicode (NFC), single spaces, no invisible characters."""
    return " ".join(unicodedata.normalize("NFC", text).translate(INVISIBLE).split())


def reason_against(english: str, foreign: str, limits: Limits) -> str | None:
    """The first reason to leave a tidy pair out, or None."""
    return (
        without_letters(english, foreign)
        or equal_sides(english, foreign)
        or wrong_length(english, foreign, limits)
        or unequal_length(english, foreign, limits)
        or unequal_placeholders(english, foreign)
        or untranslated(english, foreign, limits)
    )


def without_letters(english: str, foreign: str) -> str | None:
    """Numbers, symbols or nothing at all on a side."""
    return None if WORD.search(english) and any(map(str.isalpha, foreign)) else "no words"


def equal_sides(english: str, foreign: str) -> str | None:
    """A name, a command, or a passage that nobody has translated."""
    return "same on both sides" if english.casefold() == foreign.casefold() else None


def wrong_length(english: str, foreign: str, limits: Limits) -> str | None:
    """Fewer or more words than asked for."""
    few, many = sorted((len(english.split()), len(foreign.split())))
    if len(english.split()) < limits.min_words or few < limits.min_words / 2:
        return f"fewer than {limits.min_words} words"
    return f"more than {limits.max_words} words" if many > limits.max_words else None


def unequal_length(english: str, foreign: str, limits: Limits) -> str | None:
    """One side says much more than the other."""
    short, long = sorted((len(english), len(foreign)))
    return "unequal lengths" if long > 10 + limits.max_ratio * short else None


def unequal_placeholders(english: str, foreign: str) -> str | None:
    """`%s`, `{name}` or `$USER` on one side only."""
    return "unequal placeholders" if placeholders(english) != placeholders(foreign) else None


def untranslated(english: str, foreign: str, limits: Limits) -> str | None:
    """Most words are the same: a sentence that is still in English."""
    ours, theirs = WORD.findall(english), WORD.findall(foreign)
    copied = sum((Counter(ours) & Counter(theirs)).values())
    return "untranslated" if len(theirs) >= 6 and copied > limits.max_copied * len(theirs) else None


def placeholders(text: str) -> Counter[str]:
    """What a program replaces in a message, without positions (`%1$s` counts as `%s`)."""
    return Counter(re.sub(r"%\d+\$", "%", match) for match in PLACEHOLDER.findall(text))
