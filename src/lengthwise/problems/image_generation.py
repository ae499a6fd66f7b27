"""Classes to images, written intensity by intensity."""

from lengthwise.data.codecs.labels import Labels
from lengthwise.data.codecs.pixels import Pixels
from lengthwise.data.problem import Problem, Source
from lengthwise.data.sources.images.cifar import Cifar
from lengthwise.data.sources.images.drawn import Drawn
from lengthwise.data.sources.images.fashion_mnist import FashionMnist
from lengthwise.data.sources.images.folder import ImageFolder
from lengthwise.data.sources.images.mnist import Mnist
from lengthwise.data.sources.images.openclipart import Openclipart


def mnist() -> Problem:
    """Digits, 28 x 28 in grey: sequences of 784 intensities."""
    return _problem(Mnist(), 28, 1)


def fashion_mnist() -> Problem:
    """Clothes, 28 x 28 in grey: sequences of 784 intensities."""
    return _problem(FashionMnist(), 28, 1)


def openclipart(*, size: int = 32) -> Problem:
    """Clip art of 22 categories, in colour: sequences of 3,072 intensities."""
    return _problem(Openclipart(), size, 3)


def cifar10(*, source: str) -> Problem:
    """Your own copy of CIFAR-10, 32 x 32 in colour: sequences of 3,072 intensities."""
    return _problem(Cifar(source, 10), 32, 3)


def folder(*, source: str, size: int = 32, channels: int = 3) -> Problem:
    """Your own: a folder for each class, within folders `train`, `validation` and `test` if you like."""
    return _problem(ImageFolder(source), size, channels)


def _problem(source: Source, size: int, channels: int) -> Problem:
    targets = Pixels(size, channels)
    return Problem(
        source=Drawn(source),
        inputs=Labels(),
        targets=targets,
        is_shared=False,
        growth=(0, size * size * channels - 1),
        max_length=size * size * channels,
        licence=source.licence,
    )
