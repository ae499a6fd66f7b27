"""Questions about texts, answered in a few words."""

from lengthwise.data.codecs.text import Subwords
from lengthwise.data.codecs.words import Words
from lengthwise.data.problem import Problem, Source
from lengthwise.data.sources.generated.stories.sentences import vocabulary
from lengthwise.data.sources.generated.stories.source import Stories
from lengthwise.data.sources.text.questions import QuestionFile, Squad
from lengthwise.metrics.accuracy import exact_match
from lengthwise.metrics.answers import answer_f1, answer_match

METRICS = {"F1": answer_f1, "exact match": answer_match}
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


def squad(*, unanswerable: bool = False, vocabulary_size: int = 8000, max_length: int = 512) -> Problem:
    """Questions about paragraphs of 35 Wikipedia articles (SQuAD 2.0's published development set), answered from them.

    A question, a tab and its paragraph are the inputs. With `unanswerable`, questions that their paragraph does
    not answer are asked too, and their answer is that word.
    """
    return _about_passages(Squad(has_unanswerable=unanswerable), vocabulary_size, max_length)


def files(*, source: str, vocabulary_size: int = 8000, max_length: int = 512) -> Problem:
    """Your own: SQuAD's .json, or a .jsonl, .parquet, .csv, .tsv or hub:owner/name of question, context, answer(s)."""
    return _about_passages(QuestionFile(source), vocabulary_size, max_length)


def _about_passages(source: Source, vocabulary_size: int, max_length: int) -> Problem:
    subwords = Subwords(vocabulary_size)
    return Problem(
        source=source,
        inputs=subwords,
        targets=subwords,
        metrics=METRICS,
        max_length=max_length,
        licence=source.licence,
    )
