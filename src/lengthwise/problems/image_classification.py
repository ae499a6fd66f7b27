"""Images to classes."""

from lengthwise.data.augmentation import Augmentation
from lengthwise.data.codecs.image import Images
from lengthwise.data.codecs.labels import Labels
from lengthwise.data.problem import Problem, Source
from lengthwise.data.sources.images.cifar import Cifar
from lengthwise.data.sources.images.fashion_mnist import FashionMnist
from lengthwise.data.sources.images.folder import ImageFolder
from lengthwise.data.sources.images.mnist import Mnist
from lengthwise.data.sources.images.openclipart import Openclipart


def mnist() -> Problem:
    """Digits, 28 x 28 in grey: 50,000 to train on."""
    return _problem(Mnist(), 28, 1, Augmentation(shift=0.08, rotation=12.0, scale=0.1))


def fashion_mnist() -> Problem:
    """Ten kinds of clothes, 28 x 28 in grey: 55,000 to train on."""
    return _problem(FashionMnist(), 28, 1, Augmentation(shift=0.08, scale=0.08, is_mirrored=True, erased=0.3))


def openclipart(*, size: int = 64) -> Problem:
    """Clip art in colour, 6,900 drawings in 22 folders by what they show."""
    return _problem(Openclipart(), size, 3, Augmentation(shift=0.1, rotation=8.0, scale=0.15))


def cifar10(*, source: str) -> Problem:
    """CIFAR-10 from files that you have: source=cifar-10-batches-py, its binary version, or the archive of either."""
    return _problem(Cifar(source, 10), 32, 3, Augmentation(shift=0.125, is_mirrored=True, erased=0.4))


def cifar100(*, source: str) -> Problem:
    """CIFAR-100 from files that you have: source=cifar-100-python, its binary version, or the archive of either."""
    return _problem(Cifar(source, 100), 32, 3, Augmentation(shift=0.125, is_mirrored=True, erased=0.4))


def folder(*, source: str, size: int = 64, channels: int = 3, is_mirrored: bool = True) -> Problem:
    """Your own: a folder for each class, within folders `train`, `validation` and `test` if you like.

    `is_mirrored`: whether images may be, left for right, when they are learned from; not so of letters.
    """
    changes = Augmentation(shift=0.1, rotation=8.0, scale=0.15, is_mirrored=is_mirrored)
    return _problem(ImageFolder(source), size, channels, changes)


def _problem(source: Source, size: int, channels: int, augmentation: Augmentation) -> Problem:
    return Problem(
        source=source,
        inputs=Images(size, channels),
        targets=Labels(),
        is_shared=False,
        growth=(0, 0),
        augmentation=augmentation,
        licence=source.licence,
    )
