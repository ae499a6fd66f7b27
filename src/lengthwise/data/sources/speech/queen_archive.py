"""The archive of the game Flight of the Amazon Queen: where each recorded line lies and what is said in it.

An index of named files: recordings (.SB), and texts of dialogues (.DOG), of cut-scenes (.CUT) and of what the hero says
of things (QUEEN2.JAS). A recording is named for the place of its text; numbers are big-endian.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lengthwise.data.blob import Blob
from lengthwise.data.sources.cache import SourceError

MAGIC = b"QTBL"
COUNT, ENTRIES = 13, 15
ENTRY = struct.Struct(">12sBII")
"""Of the index: name, bundle, place, size."""
TEXT_HEADER = 20
COMMAND = re.compile(r"\*(?:XY\d\d\([^)]*\)|..)", re.DOTALL)
"""What a text has between its recordings: how the speaker turns or moves."""
PICTURE = re.compile(r"\^_|@@")
"""What the game's font draws for ™ and for notes."""
NUM_ANSWERS = 40
"""Lines with which Joe refuses to do something; they have the first numbers, but stand behind the descriptions."""
NUM_VERBS = 12

Texts = Iterator[tuple[str, str]]
"""How the names of a text's recordings begin, and the text with its commands."""


@dataclass(frozen=True)
class Line:
    """A line of the game; what it says may be silent."""

    document: str
    """The file that its text stands in."""
    name: str
    """Of its recording."""
    text: str
    sound: Blob | None
    """None where it was not recorded."""


def lines(path: Path) -> Iterator[Line]:
    """Every line of the game in the order of files and places; SourceError where the archive is broken."""
    try:
        data = path.read_bytes()
        files = _index(data)
        for document, texts in _documents(data, files):
            for stem, text in texts:
                for number, part in enumerate(COMMAND.split(text), start=1):
                    name = f"{stem}{number:X}.SB"
                    sound = Blob(str(path), *files[name]) if name in files else None
                    if part.strip():
                        yield Line(document, name, PICTURE.sub("", part).strip(), sound)
    except (OSError, struct.error, IndexError, KeyError) as error:
        raise SourceError(
            f"`{path}` is no archive of this game, or a broken one ({error}). Remove it and run the command again."
        ) from error


def _index(data: bytes) -> dict[str, tuple[int, int]]:
    """Place and size of each file."""
    if data[:4] != MAGIC:
        raise IndexError(f"it begins with {data[:4]!r}")
    (count,) = struct.unpack_from(">H", data, COUNT)
    entries = [ENTRY.unpack_from(data, ENTRIES + ENTRY.size * number) for number in range(count)]
    files = {name.rstrip(b"\0").decode("latin-1"): (begin, size) for name, _, begin, size in entries}
    outside = next((name for name, (begin, size) in files.items() if begin + size > len(data)), None)
    if outside:
        raise IndexError(f"{outside} lies behind its end")
    return files


def _documents(data: bytes, files: dict[str, tuple[int, int]]) -> Iterator[tuple[str, Texts]]:
    for name, (begin, size) in sorted(files.items()):
        content = data[begin + TEXT_HEADER : begin + size]
        if name.endswith(".DOG"):
            yield name, _dialogue(content)
        elif name.endswith(".CUT"):
            yield name, _cut_scene(name.removesuffix(".CUT"), content)
    begin, size = files["QUEEN.JAS"]
    counts = struct.unpack_from(">4H", data, begin + TEXT_HEADER)
    begin, size = files["QUEEN2.JAS"]
    yield "QUEEN2.JAS", _remarks(data[begin : begin + size], *counts)


def _dialogue(data: bytes) -> Texts:
    """What Joe may say, what the other answers, and how they greet when they meet again."""
    levels, _, key, num_joe, num_other = struct.unpack_from(">5h", data)
    other, _, again = struct.unpack_from(">3H", data, 22)
    for speaker, place, count in (("J", 32 + 96 * abs(levels), num_joe), ("P", other, num_other)):
        for _ in range(count):
            (number,) = struct.unpack_from(">H", data, place + 2)
            text, place = _string(data, place + 4, 4)
            is_greeting = speaker == "J" and number == 0
            yield _dialogue_name(key, "SSSS" if is_greeting else f"{number:4x}", speaker), text
    for speaker in "PJ":
        text, again = _string(data, again, 2)
        yield _dialogue_name(key, "XXXX", speaker), text


def _dialogue_name(key: int, number: str, speaker: str) -> str:
    return f"{key:2d}{number}{speaker}".replace(" ", "0").upper()


def _cut_scene(name: str, data: bytes) -> Texts:
    """One text for every step of the scene, behind a first one that is not spoken."""
    (count,) = struct.unpack_from(">h", data, 2)
    (place,) = struct.unpack_from(">H", data, 8)
    _, place = _string(data, place, 2)
    for step in range(1, abs(count) + 1):
        text, place = _string(data, place, 2)
        yield f"{name:_<5}{step:02d}", text


def _remarks(data: bytes, num_rooms: int, num_names: int, _: int, num_descriptions: int) -> Texts:
    """Lines of text: descriptions of things, three lists of names, and Joe's answers."""
    texts = data.decode("latin-1").split("\r\n")
    first_answer = num_descriptions + num_names + num_rooms + NUM_VERBS
    for number in range(NUM_ANSWERS):
        yield f"JOE{number + 1:04d}", texts[first_answer + number]
    for number in range(num_descriptions):
        yield f"JOE{NUM_ANSWERS + number + 1:04d}", texts[number]


def _string(data: bytes, place: int, unit: int) -> tuple[str, int]:
    """The text whose size stands at a place, and the place behind it: the next multiple of `unit`."""
    begin, size = place + 1, data[place]
    if begin + size > len(data):
        raise IndexError(f"a text of {size} bytes does not end")
    end = -(-(begin + size) // unit) * unit if size else begin
    return data[begin : begin + size].decode("latin-1"), end
