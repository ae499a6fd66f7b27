"""Speech to the words that are said."""

from lengthwise.data.codecs.bytes import Bytes
from lengthwise.data.codecs.sound import LogMel
from lengthwise.data.problem import Problem, Source
from lengthwise.data.sound_augmentation import SoundAugmentation
from lengthwise.data.sources.joined import Joined
from lengthwise.data.sources.speech.amazon_queen import AmazonQueen
from lengthwise.data.sources.speech.asterisk import AsteriskPrompts
from lengthwise.data.sources.speech.folder import SpeechFolder
from lengthwise.metrics.word_error_rate import character_error_rate, word_error_rate

METRICS = {"CER": character_error_rate, "WER": word_error_rate}
"""The first one chooses the best checkpoint: characters come right long before whole words do."""


def amazon_queen() -> Problem:
    """English dialogues of an adventure game, many voices, 11 kHz: 6,600 lines, 4.5 hours."""
    return _problem(AmazonQueen())


def asterisk() -> Problem:
    """English telephone prompts of one voice, 8 kHz: 540, 23 minutes."""
    return _problem(AsteriskPrompts())


def english() -> Problem:
    """Both, each also scored by itself."""
    return _problem(Joined(sources={"amazon_queen": AmazonQueen(), "asterisk": AsteriskPrompts()}, name="english"))


def folder(*, source: str, max_seconds: int = 20) -> Problem:
    """Your own: sounds with a .txt each, or a .tsv or .jsonl table of paths and transcripts; any language.

    `max_seconds`: longer sounds are not learned from, and four times longer ones not scored.
    """
    return _problem(SpeechFolder(source), max_seconds)


def _problem(source: Source, max_seconds: int = 20) -> Problem:
    codec = LogMel()
    return Problem(
        source=source,
        inputs=codec,
        targets=Bytes(),
        metrics=METRICS,
        is_shared=False,
        max_length=max_seconds * 1000 // codec.hop_ms,
        parts=tuple(source.sources) if isinstance(source, Joined) else (),
        augmentation=SoundAugmentation(),
        licence=source.licence,
    )
