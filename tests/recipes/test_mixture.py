from lengthwise.recipes import mixture
from lengthwise.run import problem_of


def test_one_vocabulary_serves_both_languages():
    experiment = mixture.translation()
    problem = problem_of(experiment)
    assert problem.parts == ("translation.libreoffice_en_de", "translation.libreoffice_en_fr")
    assert problem.is_shared and problem.mixture is not None
    assert set(problem.part_metrics) == set(problem.parts)
