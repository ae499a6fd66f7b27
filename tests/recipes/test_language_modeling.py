from lengthwise.recipes import language_modeling
from lengthwise.run import experiment_of, problem_of, resolved


def test_texts_are_packed_and_not_smoothed():
    experiment = resolved(experiment_of("language_modeling.wikipedia", None, None, {}))
    assert experiment.batch.packed is True and experiment.train.label_smoothing == 0.0
    assert problem_of(experiment).is_cut


def test_subwords_are_the_same_text():
    problem = problem_of(language_modeling.wikipedia_subwords())
    assert problem.source == problem_of(language_modeling.wikipedia()).source
    assert problem.targets.feature.size == 8000
