"""SCAN: commands and the actions they ask for, in splits that ask for more than memory (Lake and Baroni 2018)."""

from lengthwise.data.codecs.words import Words
from lengthwise.data.problem import Problem
from lengthwise.data.sources.generated.scan import ACTION_WORDS, COMMAND_WORDS, Scan, SplitName
from lengthwise.metrics.accuracy import exact_match

MAX_ACTIONS = 48


def simple() -> Problem:
    """A random fifth of all 20,910 commands is the test."""
    return _problem("simple")


def length() -> Problem:
    """Trained on commands of up to 22 actions, tested on those of 24 to 48."""
    return _problem("length")


def add_jump() -> Problem:
    """Trained on `jump` alone and all commands without it, tested on those that hold it among other words."""
    return _problem("add_jump")


def _problem(split: SplitName) -> Problem:
    source = Scan(split=split)
    return Problem(
        source=source,
        inputs=Words(COMMAND_WORDS),
        targets=Words(ACTION_WORDS),
        metrics={"exact match": exact_match},
        is_shared=False,
        max_length=MAX_ACTIONS + 1,
        # jump around left thrice: 24 actions of 4 words.
        growth=(6, 0),
        licence=source.licence,
    )
