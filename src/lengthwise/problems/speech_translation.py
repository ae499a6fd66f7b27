"""Speech to an English translation of it."""

from lengthwise.data.codecs.bytes import Bytes
from lengthwise.data.codecs.sound import LogMel
from lengthwise.data.problem import Problem
from lengthwise.data.sound_augmentation import SoundAugmentation
from lengthwise.data.sources.speech.fillets import Fillets
from lengthwise.metrics.bleu import bleu, chrf


def fillets_cs_en() -> Problem:
    """Czech lines of the game Fish Fillets to English: 1,700, 97 minutes."""
    return _problem("cs")


def fillets_nl_en() -> Problem:
    """Dutch lines of the game Fish Fillets to English: 1,500, 91 minutes."""
    return _problem("nl")


def _problem(language: str) -> Problem:
    source = Fillets(language, is_translated=True)
    return Problem(
        source=source,
        inputs=LogMel(),
        targets=Bytes(),
        metrics={"BLEU": bleu, "chrF": chrf},
        is_shared=False,
        max_length=2000,
        augmentation=SoundAugmentation(),
        licence=source.licence,
    )
