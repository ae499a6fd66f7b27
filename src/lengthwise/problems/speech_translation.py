"""What is said in a recording, in another language."""

from lengthwise.data.codecs.sound import LogMel
from lengthwise.data.codecs.text import Subwords
from lengthwise.data.problem import Problem
from lengthwise.data.sound_augmentation import SoundAugmentation
from lengthwise.data.sources.speech.fillets import Fillets
from lengthwise.metrics.bleu import bleu, chrf


def fillets_cs_en(*, vocabulary_size: int = 1000) -> Problem:
    """Czech dialogues of a computer game to English: 95 minutes."""
    return _problem("cs", vocabulary_size)


def fillets_nl_en(*, vocabulary_size: int = 1000) -> Problem:
    """Dutch dialogues of a computer game to English: 90 minutes."""
    return _problem("nl", vocabulary_size)


def _problem(language: str, vocabulary_size: int) -> Problem:
    source = Fillets(language)
    return Problem(
        source=source,
        inputs=LogMel(),
        targets=Subwords(vocabulary_size),
        metrics={"bleu": bleu, "chrf": chrf},
        is_shared=False,
        augmentation=SoundAugmentation(),
        licence=source.licence,
    )
