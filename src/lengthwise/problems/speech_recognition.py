"""What is said in a recording."""

from lengthwise.data.codecs.bytes import Bytes
from lengthwise.data.codecs.sound import LogMel
from lengthwise.data.problem import Problem, Source
from lengthwise.data.sound_augmentation import SoundAugmentation
from lengthwise.data.sources.joined import Joined
from lengthwise.data.sources.speech.amazon_queen import AmazonQueen
from lengthwise.data.sources.speech.asterisk import AsteriskPrompts
from lengthwise.data.sources.speech.folder import SpeechFolder
from lengthwise.metrics.word_error_rate import character_error_rate, word_error_rate

SAMPLE_RATE = 11_025
"""Hz: what the game was recorded at, more than the telephone has."""


def amazon_queen() -> Problem:
    """Dialogues of a computer game: 4.5 hours of many actors, held out by document."""
    return _problem(AmazonQueen())


def asterisk() -> Problem:
    """Prompts of a telephone exchange: 23 minutes of one speaker."""
    return _problem(AsteriskPrompts())


def english() -> Problem:
    """Both: 4.9 hours."""
    sources = {"amazon_queen": AmazonQueen(), "asterisk": AsteriskPrompts()}
    return _problem(Joined(sources=sources), parts=tuple(sources))


def folder(*, source: str, sample_rate: int = 16_000) -> Problem:
    """Your own: a folder of sounds with a .txt each, or a table (.tsv, .jsonl) of paths and transcripts."""
    return _problem(SpeechFolder(source), sample_rate)


def _problem(source: Source, sample_rate: int = SAMPLE_RATE, parts: tuple[str, ...] = ()) -> Problem:
    metrics = {"wer": word_error_rate, "cer": character_error_rate}
    return Problem(
        source=source,
        inputs=LogMel(sample_rate),
        targets=Bytes(),
        metrics=metrics,
        is_shared=False,
        parts=parts,
        part_metrics={part: metrics for part in parts},
        augmentation=SoundAugmentation(),
        max_length=400,
        licence=source.licence,
    )
