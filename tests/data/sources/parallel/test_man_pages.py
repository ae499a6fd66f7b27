import gzip

from lengthwise.data.sources.parallel.man_pages import ManPages, aligned, is_conflict
from lengthwise.data.sources.parallel.roff import sections

ENGLISH = r""".TH TINY 1
.SH NAME
tiny \- small program
.SH OPTIONS
.TP
.B \-\-all
Takes all files.
.PP
The default is 10.
.SH NOTES
One paragraph.
"""
GERMAN = r""".TH TINY 1
.SH BEZEICHNUNG
tiny \- kleines Programm
.SH OPTIONEN
.TP
.B \-\-all
Nimmt alle Dateien.
.PP
Vorgabe ist 10.
.SH ANMERKUNGEN
Ein Absatz.
.PP
Noch einer.
.SH ÜBERSETZUNG
Von jemandem.
"""


def texts(english: str = ENGLISH, german: str = GERMAN) -> list[tuple[str, str]]:
    return list(aligned(sections(english), sections(german)))


def test_sections_of_equal_structure_are_paired_and_others_left_out():
    assert texts() == [
        ("NAME", "BEZEICHNUNG"),
        ("tiny - small program", "tiny - kleines Programm"),
        ("OPTIONS", "OPTIONEN"),
        ("--all", "--all"),
        ("Takes all files.", "Nimmt alle Dateien."),
        ("The default is 10.", "Vorgabe ist 10."),
    ]


def test_a_section_that_is_of_another_version_is_left_out():
    other = GERMAN.replace(r"\-\-all", r"\-\-none").replace("10", "20")
    assert [english for english, _ in texts(german=other)] == ["NAME", "tiny - small program"]


def test_a_page_with_another_order_of_sections_gives_nothing():
    assert texts(german=GERMAN.replace(".SH OPTIONEN", ".SS OPTIONEN")) == []


def test_a_conflict_needs_names_on_both_sides():
    assert is_conflict("Use --all here", "Benutze --none")
    assert not is_conflict("Use --all here", "Benutze es")
    assert not is_conflict("See open(2) and read(2)", "Siehe read(2)")


def test_a_page_is_a_document_and_found_in_any_package(unpacked):
    reader = ManPages("de")
    files = {"usr/share/man/man1/tiny.1.gz": ENGLISH, "usr/share/man/de/man1/tiny.1.gz": GERMAN}
    unpacked(reader.material, {name: gzip.compress(text.encode()) for name, text in files.items()})
    pairs = list(reader.pairs())
    assert {pair.document for pair in pairs} == {"man_pages/man1/tiny.1"}
    assert ("Takes all files.", "Nimmt alle Dateien.") in {(pair.english, pair.foreign) for pair in pairs}
