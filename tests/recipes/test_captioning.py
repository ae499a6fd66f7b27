from lengthwise.recipes import captioning
from lengthwise.run import nominal_features


def test_images_are_read_as_patches():
    experiment = captioning.both()
    assert experiment.model.refuses(nominal_features(experiment)) is None
