from lengthwise.data.sources.parallel.libreoffice import HELP, LibreOfficeHelp, visible_text

ENGLISH = b"""<html><body><h1 id="hd_1" dir="auto">Saving <span class="x">Files</span></h1>
<p id="par_2" class="p">Choose
<span hidden="true" class="MAC">Preferences <span>now</span></span><span class="DEF">Tools</span><br>
&amp; go.</p><p id="par_3">Only here.</p><p class="p">No id.</p></body></html>"""
GERMAN = b"""<h1 id="hd_1">Dateien speichern</h1><p id="par_2">Gehe zu Extras.</p><p id="par_4">Nur hier.</p>"""


def test_paragraphs_with_the_same_id_belong_together(unpacked):
    files = {f"{HELP}/en-US/text/b.html": ENGLISH, f"{HELP}/de/text/b.html": GERMAN}
    files |= {f"{HELP}/en-US/text/alone.html": ENGLISH}
    reader = LibreOfficeHelp("de")
    unpacked(reader.material, files)
    assert [(pair.document, pair.english, pair.foreign) for pair in reader.pairs()] == [
        ("libreoffice/text/b.html", "Saving Files", "Dateien speichern"),
        ("libreoffice/text/b.html", "Choose Tools & go.", "Gehe zu Extras."),
    ]


def test_a_paragraph_in_many_pages_comes_first_from_the_first_by_name(unpacked):
    files = {
        f"{HELP}/{language}/{name}.html": text
        for name in "ba"
        for language, text in (("en-US", ENGLISH), ("de", GERMAN))
    }
    reader = LibreOfficeHelp("de")
    unpacked(reader.material, files)
    assert next(reader.pairs()).document == "libreoffice/a.html"


def test_hidden_spans_vanish_with_all_that_is_in_them():
    assert visible_text('a<span hidden="true">b<span>c</span>d</span>e<span>f</span>') == "aef"
