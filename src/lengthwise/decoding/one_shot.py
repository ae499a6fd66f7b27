"""Outputs of models that write everything at once."""

import itertools

from torch import Tensor

from lengthwise.contracts import EOS, PAD, OneShot
from lengthwise.decoding.hypothesis import Hypothesis


def one_shot(model: OneShot, inputs: Tensor) -> list[Hypothesis]:
    """The model's answer to each row, up to its first `EOS` and without padding; such a model gives no score."""
    answers: list[list[int]] = model.predict(inputs).tolist()
    return [Hypothesis(_text_of(row)) for row in answers]


def _text_of(row: list[int]) -> list[int]:
    return [token for token in itertools.takewhile(lambda token: token != EOS, row) if token != PAD]
