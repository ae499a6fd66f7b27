import struct
from pathlib import Path

import pytest

from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.parallel.catalogues import Catalogues, messages, plain


def catalogue(rows: dict[str, str], order: str = "<") -> bytes:
    """A .mo file: header, table of keys, table of values, texts."""
    texts = [text.encode() for text in (*rows, *rows.values())]
    start, tables, body = 28 + 8 * len(texts), b"", b""
    for text in texts:
        tables += struct.pack(f"{order}2I", len(text), start + len(body))
        body += text + b"\0"
    return struct.pack(f"{order}7I", 0x950412DE, 0, len(rows), 28, 28 + 8 * len(rows), 0, 0) + tables + body


@pytest.mark.parametrize("order", ["<", ">"])
def test_messages_come_without_header_and_context_and_with_their_plurals(tmp_path: Path, order):
    rows = {"": "Language: de", "menu\x04Open": "Öffnen", "%d dog\0%d dogs": "%d Hund\0%d Hunde", "Save": "Speichern"}
    (tmp_path / "a.mo").write_bytes(catalogue(rows, order))
    assert list(messages(tmp_path / "a.mo")) == [
        ("Open", "Öffnen"),
        ("%d dog", "%d Hund"),
        ("%d dogs", "%d Hunde"),
        ("Save", "Speichern"),
    ]


def test_what_is_no_catalogue_is_named(tmp_path):
    (tmp_path / "a.mo").write_bytes(b"\xde\x12\x04\x95")
    with pytest.raises(SourceError, match=r"a\.mo is no compiled gettext catalogue"):
        list(messages(tmp_path / "a.mo"))


@pytest.mark.parametrize(
    ("english", "foreign", "expected"),
    [
        ("_Open File", "Datei ö_ffnen", ("Open File", "Datei öffnen")),
        ("&Save", "&Speichern", ("Save", "Speichern")),
        ("my_long_name & x", "mein_langer_name & x", ("my_long_name & x", "mein_langer_name & x")),
        ("<p>The <b>end</b></p>", "<p>Das <b>Ende</b></p>", ("The  end", "Das  Ende")),
        ("use <file> &lt;here", "benutze <Datei> &lt;hier", ("use <file> <here", "benutze <Datei> <hier")),
        (
            "see <ref>dst='x' text='Units'</ref>",
            "siehe <ref>dst='x' text='Einheiten'</ref>",
            ("see  Units", "siehe  Einheiten"),
        ),
        ("female^Scout", "Späherin", ("Scout", "Späherin")),
        ("menu|Open", "Öffnen", ("Open", "Öffnen")),
        ("yes|no", "ja|nein", ("yes|no", "ja|nein")),
    ],
)
def test_markup_keyboard_marks_and_contexts_are_taken_off(english, foreign, expected):
    assert plain(english, foreign) == expected


def test_a_catalogue_is_a_document(unpacked):
    reader = Catalogues("de")
    unpacked(reader.material, {"usr/share/locale/de/LC_MESSAGES/tiny.mo": catalogue({"Save": "Speichern"})})
    pairs = list(reader.pairs())
    assert {(pair.document, pair.english, pair.foreign) for pair in pairs} == {("catalogues/tiny", "Save", "Speichern")}
