"""Parsing: a text to its bracketed tree, whose words are written too."""

from collections.abc import Sequence

from lengthwise.data.codecs.trees import Trees
from lengthwise.data.problem import Metric, Problem, Source
from lengthwise.data.sources.files import paths_of
from lengthwise.data.sources.trees.python_functions import PythonFunctions
from lengthwise.data.sources.trees.treebank import TreebankFiles
from lengthwise.metrics.bracket_f1 import bracket_f1, evalb_f1, exact_tree, well_formed


def python(
    *, anonymous: bool = False, max_words: int = 320, vocabulary_size: int = 4000, max_length: int = 768
) -> Problem:
    """Functions of Python's standard library to their syntax trees: 45,000, names and constants copied.

    `anonymous`: trees without names and constants. Functions over `max_words` lexemes are left out.
    """
    source = PythonFunctions(is_anonymous=anonymous, max_words=max_words)
    return _problem(source, bracket_f1, vocabulary_size, max_length)


def files(*, source: str | Sequence[str], vocabulary_size: int = 4000, max_length: int = 256) -> Problem:
    """Your own treebank: .mrg files in the Penn Treebank's brackets, or folders of them; sentences to trees."""
    return _problem(TreebankFiles(paths_of(source)), evalb_f1, vocabulary_size, max_length)


def _problem(source: Source, f1: Metric, vocabulary_size: int, max_length: int) -> Problem:
    trees = Trees(vocabulary_size)
    return Problem(
        source=source,
        inputs=trees,
        targets=trees,
        metrics={"bracket F1": f1, "exact match": exact_tree, "well-formed": well_formed},
        max_length=max_length,
        growth=(2, 20),
        licence=source.licence,
    )
