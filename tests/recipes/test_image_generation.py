from lengthwise.run import experiment_of, resolved


def test_likelihoods_are_not_smoothed():
    for name in ("mnist", "fashion_mnist"):
        experiment = resolved(experiment_of(f"image_generation.{name}", None, None, {}))
        assert experiment.train.label_smoothing == 0 and experiment.batch.packed is False
