from lengthwise.models.transformer import TransformerConfig
from lengthwise.run import experiment_of, problem_of


def test_answers_may_be_copied_and_are_judged_as_squads():
    experiment = experiment_of("question_answering.squad", None, None, {})
    assert isinstance(experiment.model, TransformerConfig) and experiment.model.copies
    assert list(problem_of(experiment).metrics) == ["F1", "exact match"]
