"""Questions about short texts."""

from lengthwise.data.codecs.words import Words
from lengthwise.data.problem import Problem
from lengthwise.data.sources.generated.stories.sentences import vocabulary
from lengthwise.data.sources.generated.stories.source import Stories
from lengthwise.metrics.accuracy import exact_match

MAX_LENGTH = 192
"""Words and marks of the longest story, with room to spare."""


def stories(*, kind: int = 0, num_questions: int = 10_000, seed: int = 0) -> Problem:
    """Twenty kinds of reasoning over stories (1 to 20; 0: all jointly), after bAbI (Weston et al. 2015).

    All kinds share one vocabulary, and the test rows of a kind are the same jointly and alone, a thousand after each
    other by number: a joint run can be evaluated on each kind by itself.
    """
    words = Words(vocabulary())
    source = Stories(kind=kind, num_questions=num_questions, seed=seed)
    return Problem(
        source=source,
        inputs=words,
        targets=words,
        metrics={"exact match": exact_match},
        max_length=MAX_LENGTH,
        # The longest answer is a list of four things with three commas.
        growth=(0, 7),
        parts=source.parts,
        licence=source.licence,
    )
