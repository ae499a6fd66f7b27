from lengthwise.run import experiment_of, resolved


def test_it_takes_so_many_updates_and_smooths_classes():
    experiment = resolved(experiment_of("text_classification.debian_sections", None, None, {}))
    assert experiment.train.label_smoothing == 0.1 and experiment.train.steps == 1200
