"""Prompts of the telephone system Asterisk, read by one speaker; 8 kHz."""

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.package import DebianPackages
from lengthwise.data.sources.speech.transcript import recording, with_digits_spelled

TEXTS, SOUNDS = "asterisk-core-sounds-en", "asterisk-core-sounds-en-wav"
MATERIAL = DebianPackages((TEXTS, SOUNDS), ("*/sounds/en_US_f_Allison/*.wav", "*/core-sounds-en.txt.gz"))
PROMPT = re.compile(r"(?P<name>[\w./-]+):\s+(?P<text>\S.*)")


@dataclass(frozen=True)
class AsteriskPrompts(Source):
    """Prompts of the same words are in the same split: a tenth of them in validation, and a tenth in test."""

    name: str = "asterisk prompts"
    licence: str = "CC BY-SA 3.0"

    def fetch(self, report: Report | None = None) -> None:
        """Bring the sounds and the list of what they say."""
        MATERIAL.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Of the packages."""
        return MATERIAL.checksums()

    def read(self) -> Iterator[Example | Rejected]:
        """Prompt by prompt in the order of the list."""
        (texts,) = MATERIAL.root(TEXTS).rglob("*.txt.gz")
        sounds = next(MATERIAL.root(SOUNDS).rglob("en_US_f_Allison"))
        return prompts(texts, sounds)


def prompts(texts: Path, sounds: Path) -> Iterator[Example | Rejected]:
    """What a gzipped list (`name: text`) says of the sounds in a folder; SourceError where it is broken."""
    try:
        listed = gzip.decompress(texts.read_bytes()).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise SourceError(f"`{texts}` is broken ({error}). Remove it and run the command again.") from error
    for number, line in enumerate(listed.splitlines(), start=1):
        if not (prompt := PROMPT.fullmatch(line)):
            continue
        where = f"{texts.name}:{number}"
        sound = sounds / f"{prompt['name']}.wav"
        if sound.is_file():
            row = recording(Blob(str(sound)), with_digits_spelled(prompt["text"]), None, where)
            yield row if isinstance(row, Rejected) else {**row, "split": _split_of(str(row["targets"]))}
        else:
            yield Rejected(reason="not recorded", where=where, is_bad=False)


def _split_of(words: str) -> str:
    """More than the twentieth that is usual: that would be 27 prompts, too few to tell anything from."""
    tenth = 10 * hashlib.sha256(words.encode()).digest()[0] // 256
    return {0: "validation", 1: "test"}.get(tenth, "train")
