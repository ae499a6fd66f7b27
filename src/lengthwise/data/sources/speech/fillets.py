"""What the fish of the game Fish Fillets say, in Czech and Dutch, with its English translation; 22 kHz."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.package import DebianPackages
from lengthwise.data.sources.speech.transcript import recording

TEXTS = "fillets-ng-data"
LANGUAGES = ("cs", "nl")
HELD_OUT = {
    "validation": "cabin2 cannons city elevator2 gods".split(),
    "test": "airplane alibaba atlantis broom columns ending reactor society stairs".split(),
}
"""Levels by split, in both languages: drawn in the order of their names' sha256, up to 7 % of the Czech lines."""
SPLITS = {level: split for split, levels in HELD_OUT.items() for level in levels}
STRING = r'"((?:[^"\\]|\\.)*)"'
DIALOGUE = re.compile(rf"dialogId\(\s*{STRING}\s*,\s*{STRING}\s*,\s*{STRING}\s*\)\s*dialogStr\(\s*{STRING}\s*\)")
"""Name, font, English, the language of the file."""
PLACEHOLDER = re.compile(r"%\d")


@dataclass(frozen=True)
class Fillets(Source):
    """Sounds with what is said (recognition) or with its translation; a level of the game is a document."""

    language: str
    """cs or nl."""
    is_translated: bool = False
    """Whether targets are English sentences, as written; else they are the words that are said."""
    licence: str = "GPL-2.0-or-later"

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"`language` must be one of {', '.join(LANGUAGES)}, but is {self.language!r}.")

    @property
    def name(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """With the direction: `fillets cs-en`."""
        return f"fillets {self.language}-en" if self.is_translated else f"fillets {self.language}"

    @property
    def material(self) -> DebianPackages:
        """The game's texts and the sounds of the language."""
        keep = (f"*/script/*/dialogs_{self.language}.lua", f"*/sound/*/{self.language}/*.ogg")
        return DebianPackages((TEXTS, f"{TEXTS}-{self.language}"), keep)

    def fetch(self, report: Report | None = None) -> None:
        """Bring both."""
        self.material.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Of the packages."""
        return self.material.checksums()

    def read(self) -> Iterator[Example | Rejected]:
        """Level by level, by name."""
        texts, sounds = (self.material.root(name) for name in self.material.names)
        (levels,) = sounds.rglob("sound")
        for script in sorted(texts.rglob(f"dialogs_{self.language}.lua")):
            yield from self.level(script, levels / script.parent.name / self.language)

    def level(self, script: Path, sounds: Path) -> Iterator[Example | Rejected]:
        """What a level's script says of the sounds in a folder, and the sounds that it says nothing of."""
        name = script.parent.name
        unnamed = {path.stem for path in sounds.glob("*.ogg")}
        try:
            dialogues = DIALOGUE.findall(script.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"`{script}` is broken ({error}). Remove it and run the command again.") from error
        for stem, _, english, said in dialogues:
            where = f"{name}/{stem}"
            if stem in unnamed:
                unnamed.remove(stem)
                yield self._row(Blob(str(sounds / f"{stem}.ogg")), _plain(english), _plain(said), where)
            else:
                yield Rejected(reason="not recorded", where=where, is_bad=False)
        for stem in sorted(unnamed):
            yield Rejected(reason="sound without transcript", where=f"{name}/{stem}", is_bad=False)

    def _row(self, sound: Blob, english: str, said: str, where: str) -> Example | Rejected:
        document = where.partition("/")[0]
        split = SPLITS.get(document, "train")
        if not self.is_translated:
            return recording(sound, said, document, where, split)
        if PLACEHOLDER.search(english) or not any(map(str.isalpha, english)):
            reason = "translation: a template, or no letters"
            return Rejected(reason=reason, where=where, is_bad=False)
        return {"inputs": sound, "targets": english, "document": document, "where": where, "split": split}


def _plain(literal: str) -> str:
    """A string of the script without its escapes, on one line."""
    return " ".join(re.sub(r"\\(.)", r"\1", literal).split())
