"""Programs that are to be continued, or whose gaps are to be filled."""

from collections.abc import Sequence

from lengthwise.data.codecs.code import CodeSubwords
from lengthwise.data.curation.pipeline import Curation
from lengthwise.data.problem import Problem
from lengthwise.data.sources.curated import Curated
from lengthwise.data.sources.text.gaps import WithGaps
from lengthwise.data.sources.text.python_projects import PythonProjects


def python(
    *,
    packages: Sequence[str] = (),
    fill_in_the_middle: float = 0.5,
    against: Sequence[str] = ("code.human_eval", "code.stdlib"),
    ngram: int = 10,
    vocabulary_size: int = 8000,
    max_length: int = 1024,
) -> Problem:
    """Python's standard library and the installed packages, project by project, without copies and without HumanEval.

    `packages`: further ones, such as more-itertools==10.8.0, unpacked and never run; `fill_in_the_middle`: the share of
    rows with a gap; rows with `ngram` words in a row of what is to be evaluated `against` are left out.
    """
    # A token is three to four characters: nearly all rows are read in one piece, and those with gaps must be.
    projects = PythonProjects(tuple(packages), max_characters=5 * max_length // 2)
    clean = Curated(projects, Curation(quality=None, against=tuple(against), ngram=ngram))
    source = WithGaps(clean, fill_in_the_middle)
    codec = CodeSubwords(size=vocabulary_size)
    return Problem(
        source=source, inputs=None, targets=codec, max_length=max_length, is_cut=True, licence=source.licence
    )
