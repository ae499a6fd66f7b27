"""Manual pages in roff (the `man` macros) as sections of plain passages with the structure that they stand in."""

import re
from dataclasses import dataclass, field

SYMBOLS = {
    "em": "—", "en": "–", "aq": "'", "dq": '"', "oq": "‘", "cq": "’", "lq": "“", "rq": "”", "Bq": "„", "bq": "‚",
    "Fo": "«", "Fc": "»", "fo": "‹", "fc": "›", "co": "©", "rg": "®", "tm": "™", "bu": "•", "hy": "-", "mi": "-",
    "ti": "~", "ha": "^", "rs": "\\", "ga": "`", "sl": "/", "at": "@", "sh": "#", "Do": "$", "<=": "≤", ">=": "≥",
    "!=": "≠", "+-": "±", "->": "→", "<-": "←", "mu": "×", "ss": "ß", ":a": "ä", ":o": "ö", ":u": "ü", ":A": "Ä",
    ":O": "Ö", ":U": "Ü", "'e": "é", "la": "⟨", "ra": "⟩", "or": "|", "ba": "|", "lC": "{", "rC": "}", "lB": "[",
    "rB": "]", "if": "∞", "de": "°", "sc": "§", "mc": "µ", "12": "½", "14": "¼", "34": "¾", "pc": "·", "OK": "✓",
}  # fmt: skip
STRINGS = {"lq": "“", "rq": "”", "R": "®", "Tm": "™"}
SINGLE = {"-": "-", "e": "\\", "(": "", "~": " ", " ": " ", "0": " ", "'": "´", "`": "`", "t": " ", "\\": "\\"}
ESCAPE = re.compile(
    r"\\(?:"
    r"f(?:\[[^\]]*\]|\(..|.)|s[-+]?(?:\[[^\]]*\]|\(\d\d|'[^']*'|\d)|[mMFYVgkn](?:\[[^\]]*\]|\(..|.)"  # looks, registers
    r"|[hvwlLDAbNZoX]'[^']*'"  # movements
    r"|\*(?:\[(?P<string>[^\]]*)\]|\((?P<string2>..)|(?P<string1>.))"
    r"|\[u(?P<code>[0-9A-F]{4,6})\]|\[(?P<name>[^\]]*)\]|\((?P<name2>..)"
    r"|(?P<single>.)|$)"
)
ARGUMENT = re.compile(r'"((?:[^"]|"")*)"?|((?:\\ |\S)+)')
FONTS = {"B": " ", "I": " ", "SM": " ", "SB": " ", "R": " "} | dict.fromkeys("BI BR IB IR RB RI".split(), "")
PARAGRAPHS = {"PP", "LP", "P", "TP", "TQ", "IP", "HP", "RS", "RE", "sp", "YS"}
VERBATIM = {"nf": "fi", "EX": "EE", "TS": "TE", "SY": "YS", "ig": ".", "de": ".", "EQ": "EN", "PS": "PE"}


@dataclass
class Section:
    """A heading and what stands under it, as (structure, text)."""

    level: str
    passages: list[tuple[str, str]] = field(default_factory=list)


def sections(page: str) -> list[Section]:
    """Every section of a page; none where it is an alias or uses other macros than `man`."""
    reader = _Reader()
    for line in page.split("\n"):
        reader.read(line)
    reader.flush()
    return reader.found


def plain(text: str) -> str:
    """Text without escapes: fonts and movements vanish, named characters become themselves."""
    return ESCAPE.sub(_escaped, text.split('\\"')[0])


def _escaped(match: re.Match[str]) -> str:
    parts = match.groupdict()
    if parts["code"]:
        return chr(int(parts["code"], 16))
    string = parts["string"] or parts["string2"] or parts["string1"]
    if string:
        return STRINGS.get(string, "")
    name = parts["name"] or parts["name2"]
    return SYMBOLS.get(name, "") if name else SINGLE.get(parts["single"] or "", "")


class _Reader:
    """Follows a page line by line."""

    def __init__(self) -> None:
        self.found: list[Section] = []
        self.kind = ""
        self.pieces: list[str] = []
        self.end = ""
        """The macro that ends what is being skipped."""
        self.next = ""
        """What the next line of text is: a heading (`SH`), the tag of a paragraph (`TP`)."""

    def read(self, line: str) -> None:
        macro = re.match(r"[.']\s*(\\?[^\s\\]+)\s*(.*)", line)
        if self.end:
            self.end = "" if macro and macro[1] == self.end else self.end
        elif not macro:
            self._text(line)
        elif macro[1] in FONTS:
            self._text(FONTS[macro[1]].join(_arguments(macro[2])))
        else:
            self._macro(macro[1], macro[2])

    def flush(self, kind: str = "") -> None:
        text = " ".join(" ".join(self.pieces).split())
        if text and self.found:
            self.found[-1].passages.append((self.kind, text))
        self.pieces.clear()
        self.kind = kind

    def _text(self, line: str) -> None:
        if not line.strip():
            self.flush(self.kind)
            return
        self.pieces.append(plain(line))
        if self.next:
            self.flush(self.next + " body")
            self.next = ""

    def _macro(self, name: str, rest: str) -> None:
        if name in ("SH", "SS"):
            self.flush()
            self.found.append(Section(name))
            self._titled(name, rest)
        elif name in VERBATIM:
            self.flush(name)
            self.end = VERBATIM[name]
        elif name in PARAGRAPHS:
            self.flush(name)
            if name == "IP":
                self._titled(name, " ".join(_arguments(rest)[:1]))
            self.next = name if name in ("TP", "TQ") else self.next if name == "IP" else ""
        elif name in ("UR", "MT"):
            self.pieces.append(plain(rest))
        elif name in ("UE", "ME") and rest and self.pieces:
            self.pieces[-1] += plain(rest)

    def _titled(self, name: str, rest: str) -> None:
        self.kind = name
        if rest.strip():
            self.pieces.append(plain(" ".join(_arguments(rest))))
            self.flush(name + " body")
        elif name != "IP":
            self.next = name


def _arguments(rest: str) -> list[str]:
    return [plain((quoted or bare).replace('""', '"')) for quoted, bare in ARGUMENT.findall(rest.split('\\"')[0])]
