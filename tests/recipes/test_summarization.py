from lengthwise.models.transformer import TransformerConfig
from lengthwise.run import experiment_of, problem_of


def test_it_takes_twenty_minutes_at_most_and_knows_what_to_beat():
    experiment = experiment_of("summarization.debian", None, None, {})
    assert experiment.train.minutes is not None and experiment.train.minutes <= 20
    assert problem_of(experiment).baselines


def test_words_of_the_description_may_be_copied():
    experiment = experiment_of("summarization.debian", None, None, {})
    assert isinstance(experiment.model, TransformerConfig) and experiment.model.copies
