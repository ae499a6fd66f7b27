"""Messages of programs, from compiled gettext catalogues: the English message is the key of its translation."""

import html
import re
import struct
from collections.abc import Iterator
from pathlib import Path

from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.package import DebianPackages
from lengthwise.data.sources.parallel.reader import Pair, ParallelReader

PROGRAMS = (
    "darktable digikam-data evolution-common freeciv-data gcc-12-locales gimp-data git gnucash-common gnumeric-common "
    "gnupg-l10n inkscape kdenlive-data kmail lyx-common plasma-workspace-data"
).split()
CAMPAIGNS = "data did dm dw ei httt l low nr sof sota sotbe thot trow tsg ttb utbs".split()
MAGIC = 0x950412DE
TAG = re.compile(r"</?([a-zA-Z]\w*)\b[^<>]*>")
CLOSED = re.compile(r"</(\w+)>")
UNCLOSED = {"br", "hr", "img", "li", "p", "qt", "html"}
REFERENCE = re.compile(r"(?:dst='[^']*'\s*)?text='([^']*)'")
ACCELERATOR = re.compile(r"(?<![\w&])([_&~])(?=[^\W_])|(?<=[^\W_])[_&~](?=[^\W_])")
CONTEXT = re.compile(r"^[\w ,:.*/-]{1,60}[|^](?=\S)")


class Catalogues(ParallelReader):
    """Messages of fifteen programs, LibreOffice's interface and the game Wesnoth with its campaigns."""

    name = "catalogues"
    licence = "GPL, LGPL or MPL-2.0: that of each program"

    @property
    def material(self) -> DebianPackages:
        """Packages that carry every language, and LibreOffice's of one."""
        games = (f"wesnoth-1.16-{campaign}" for campaign in CAMPAIGNS)
        names = (f"libreoffice-l10n-{self.language}", *PROGRAMS, *games)
        return DebianPackages(names, (f"*/{self.language}/LC_MESSAGES/*.mo",))

    def pairs(self) -> Iterator[Pair]:
        """By package and catalogue; a catalogue is a document."""
        material = self.material
        for package in material.names:
            for path in sorted(material.root(package).rglob("*.mo")):
                for english, foreign in messages(path):
                    source, target = plain(english, foreign)
                    yield Pair(f"catalogues/{path.stem}", source, target)


def messages(path: Path) -> Iterator[tuple[str, str]]:
    """English and translation of every message; a plural gives its first two forms.

    Format: GNU gettext manual, section 10.3.
    """
    data = path.read_bytes()
    order = next((sign for sign in "<>" if data[:4] == struct.pack(f"{sign}I", MAGIC)), None)
    if order is None or len(data) < 20:
        raise SourceError(
            f"{path} is no compiled gettext catalogue. Remove it from the cache and run the command again."
        )
    count, keys, values = struct.unpack_from(f"{order}3I", data, 8)

    def text(table: int, index: int) -> list[str]:
        length, start = struct.unpack_from(f"{order}2I", data, table + 8 * index)
        return data[start : start + length].decode("utf-8", errors="replace").split("\0")

    for index in range(count):
        english, foreign = text(keys, index), text(values, index)
        english[0] = english[0].rpartition("\x04")[2]
        if english[0]:
            yield from zip(english, foreign, strict=False)


def plain(english: str, foreign: str) -> tuple[str, str]:
    """Both sides without markup, keyboard marks (`_Open`) and a context in front (`menu|Open`)."""
    context = CONTEXT.match(english)
    if context and not CONTEXT.match(foreign):
        english = english[context.end() :]
    return _without_marks(english), _without_marks(foreign)


def _without_marks(text: str) -> str:
    # `<file>` alone is a word in a usage line; `<b>...</b>` is markup.
    markup = UNCLOSED.union(CLOSED.findall(text))
    text = TAG.sub(lambda tag: " " if tag[1] in markup else tag[0], text)
    text = REFERENCE.sub(r"\1", html.unescape(text))
    marks = ACCELERATOR.findall(text)
    if len(marks) == 1:
        text = ACCELERATOR.sub("", text)
    return text.replace("\\n", " ").strip()
