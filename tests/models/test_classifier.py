import torch
from torch import Tensor

from lengthwise.contracts import START
from lengthwise.models.classifier import ImageClassifier, refuses_other_than_images


class Mean(ImageClassifier):
    """Describes an image by the means of its halves."""

    def describe(self, images: Tensor) -> Tensor:
        return torch.stack([images[:, :4].mean((1, 2, 3)), images[:, 4:].mean((1, 2, 3))], 1)


def test_the_likeliest_class_is_one_of_the_problems(image_features, bright_halves):
    model, batch = Mean(image_features, 2), bright_halves
    torch.nn.init.zeros_(model.head.weight)
    model.head.weight.data[START + 1 :] = torch.eye(2)
    model.head.weight.data[: START + 1] = 100.0
    assert torch.equal(model.predict(batch.inputs), batch.targets)
    assert model(batch).logits.shape == (32, 1, 5)


def test_images_and_labels_are_what_it_takes(image_features):
    assert refuses_other_than_images(image_features, "x") is None
