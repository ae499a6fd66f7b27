from lengthwise.run import experiment_of, resolved


def test_it_takes_minutes_and_smooths_classes():
    experiment = resolved(experiment_of("text_classification.debian_sections", None, None, {}))
    assert experiment.train.label_smoothing == 0.1 and experiment.train.minutes is not None
