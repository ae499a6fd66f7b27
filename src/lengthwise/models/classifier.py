"""What classifiers of images share: one answer for each image, at once."""

from abc import abstractmethod

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lengthwise.contracts import START, Batch, Features, OneShot, Output


class ImageClassifier(OneShot):
    """A model of images whose answer is one class."""

    def __init__(self, features: Features, width: int) -> None:
        super().__init__()
        self.growth = features.growth
        self.head = nn.Linear(width, features.targets.size, bias=False)

    @abstractmethod
    def describe(self, images: Float[Tensor, "batch height width channels"]) -> Float[Tensor, "batch d_model"]:
        """A vector for each image."""

    def forward(self, batch: Batch) -> Output:
        """One position for each image."""
        assert batch.inputs is not None
        return Output(self.describe(batch.inputs)[:, None], self.head)

    @torch.no_grad()
    def predict(self, inputs: Tensor) -> Int[Tensor, "batch 1"]:
        """The likeliest class of each image."""
        logits = self.head(self.describe(inputs))
        return logits[:, START + 1 :].argmax(-1, keepdim=True) + START + 1


def refuses_other_than_images(features: Features, model: str) -> str | None:
    """Why a model of this name, which tells classes of images, can't do a problem with these features."""
    for side, feature, modality in (("inputs", features.inputs, "image"), ("targets", features.targets, "label")):
        if feature is None or feature.modality != modality:
            found = "absent" if feature is None else f"of kind {feature.modality}"
            return f"The {side} of a problem for `{model}` must be of kind {modality}, but are {found}."
    return None
