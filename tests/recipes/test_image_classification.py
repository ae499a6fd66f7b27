from lengthwise.data.augmentation import Augmentation
from lengthwise.recipes import image_classification
from lengthwise.run import experiment_of, problem_of, resolved


def test_images_are_changed_and_classes_smoothed():
    for name in ("mnist", "fashion_mnist"):
        experiment = resolved(experiment_of(f"image_classification.{name}", None, None, {}))
        assert problem_of(experiment).augmentation is not None
        assert experiment.train.label_smoothing == 0.1 and experiment.batch.packed is False


def test_digits_are_not_mirrored():
    augmentation = problem_of(image_classification.mnist()).augmentation
    assert isinstance(augmentation, Augmentation) and not augmentation.is_mirrored
