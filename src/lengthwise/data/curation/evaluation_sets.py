"""The texts of evaluation sets, by name: a problem's split, or files of texts."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from lengthwise import catalog
from lengthwise.data.problem import Problem, Rejected, Source
from lengthwise.data.rejections import Rejections
from lengthwise.data.rows import SPLITS, read_rows
from lengthwise.data.sources.text.code_problems import CodeProblem, human_eval
from lengthwise.data.sources.text.files import TextFiles
from lengthwise.data.sources.text.stdlib_problems import stdlib
from lengthwise.data.splits import assign_splits

CODE: dict[str, Callable[[], list[CodeProblem]]] = {"code.human_eval": human_eval, "code.stdlib": stdlib}
"""Sets of problems for programs."""


def evaluation_texts(name: str) -> Iterator[str]:
    """Both sides of every row of `family.problem:test` (or another split; test if none is named), or of a file; of
    problems for programs what a model reads and the solution, apart and as one.
    """
    place, colon, split = name.rpartition(":")
    if name in CODE:
        for problem in CODE[name]():
            yield from (problem.prompt, problem.solution, problem.prompt + problem.solution)
    elif Path(name).exists() or name.startswith("hub:"):
        yield from _texts_of_files(TextFiles((name,)))
    elif colon and split in SPLITS:
        yield from _texts_of_problem(place, split)
    else:
        yield from _texts_of_problem(name, "test")


def evaluation_checksums(name: str) -> dict[str, str]:
    """What the texts depend on."""
    if name in CODE:
        digest = sha256("\0".join(evaluation_texts(name)).encode()).hexdigest()
        return {name: digest}
    if Path(name).exists() or name.startswith("hub:"):
        return _fetched(TextFiles((name,))).checksums()
    place, colon, split = name.rpartition(":")
    return _fetched(problem_of_texts(place if colon and split in SPLITS else name).source).checksums()


def problem_of_texts(name: str) -> Problem:
    """The problem of this name at its defaults; ValueError where its sides are no texts."""
    problem = catalog.find("problems", name)()
    sides = [side for side in (problem.inputs, problem.targets) if side is not None]
    if any(side.feature.modality != "tokens" for side in sides):
        kinds = " to ".join(side.feature.modality for side in sides)
        raise ValueError(f"`{name}` must be a problem of texts, but is one of {kinds}. Name another.")
    return problem


def _fetched(source: Source) -> Source:
    source.fetch()
    return source


def _texts_of_files(source: Source) -> Iterator[str]:
    for row in _fetched(source).read():
        if not isinstance(row, Rejected):
            yield str(row["targets"])


def _texts_of_problem(name: str, split: str) -> Iterator[str]:
    problem = problem_of_texts(name)
    _fetched(problem.source)
    rows = read_rows(problem, Rejections(), lambda task, done, total: None)
    for row, found in zip(rows, assign_splits(rows), strict=True):
        if found == split:
            yield from (side for side in (row.inputs, row.targets) if isinstance(side, str) and side)
