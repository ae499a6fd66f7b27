"""Images to what they show, in words."""

from typing import Literal

from lengthwise.data.augmentation import Augmentation
from lengthwise.data.codecs.bytes import Bytes
from lengthwise.data.codecs.codec import Codec
from lengthwise.data.codecs.image import Images
from lengthwise.data.codecs.text import Subwords
from lengthwise.data.problem import Problem, Source
from lengthwise.data.sources.captions.folder import CaptionFolder
from lengthwise.data.sources.captions.openclipart import OpenclipartTitles
from lengthwise.data.sources.captions.tuxpaint import TuxpaintStamps
from lengthwise.data.sources.joined import Joined
from lengthwise.metrics.bleu import bleu, chrf
from lengthwise.metrics.cider import cider

Level = Literal["bytes", "subwords"]


def tuxpaint(*, size: int = 64, level: Level = "subwords", vocabulary_size: int = 1000) -> Problem:
    """785 stamps of a drawing program for children, with a short English sentence each."""
    return _problem(TuxpaintStamps(), size, level, vocabulary_size)


def openclipart(*, size: int = 64, level: Level = "subwords", vocabulary_size: int = 1000) -> Problem:
    """Clip art with its titles, most of them English."""
    return _problem(OpenclipartTitles(), size, level, vocabulary_size)


def both(*, size: int = 64, level: Level = "subwords", vocabulary_size: int = 1000) -> Problem:
    """Stamps and clip art."""
    sources = {"tuxpaint": TuxpaintStamps(), "openclipart": OpenclipartTitles()}
    return _problem(Joined(sources=sources), size, level, vocabulary_size, tuple(sources))


def files(*, source: str, size: int = 64, level: Level = "subwords", vocabulary_size: int = 1000) -> Problem:
    """Your own: images with a .txt of captions beside each, or a table with columns `path` and `caption`."""
    return _problem(CaptionFolder(source), size, level, vocabulary_size)


def _problem(source: Source, size: int, level: Level, vocabulary_size: int, parts: tuple[str, ...] = ()) -> Problem:
    codec: Codec = Bytes() if level == "bytes" else Subwords(vocabulary_size)
    return Problem(
        source=source,
        inputs=Images(size, 3),
        targets=codec,
        # The first one chooses the best checkpoint: characters come right long before four words in a row do.
        metrics={"chrf": chrf, "bleu": bleu, "cider": cider},
        is_shared=False,
        parts=parts,
        augmentation=Augmentation(shift=0.08, rotation=5.0, scale=0.1),
        licence=source.licence,
    )
