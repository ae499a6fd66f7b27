from lengthwise.data.sources.parallel.docbook import DebianHandbook, GimpHelp, blocks

PAGE = """<html><head><title>Not this</title></head><body><div class="navheader"><p>Nor this</p></div>
<h2 class="title">3.4. {title}</h2><div class="para">{first} <strong>{bold}</strong>.
  <ul><li>{item}</li></ul> {rest}</div><!-- <p>gone</p> --><pre>code</pre><p class="x">{last}</p></body></html>"""
ENGLISH = dict(
    title="Filling", first="Some", bold="words", item="An item", rest="Behind it", last="The &quot;end&quot;"
)
GERMAN = dict(title="Füllen", first="Einige", bold="Worte", item="Ein Punkt", rest="Dahinter", last="Das Ende")


def test_text_comes_block_by_block_without_markup_navigation_code_and_numbering():
    assert blocks(PAGE.format(**ENGLISH)) == [
        ("h2.title", "Filling"),
        ("div.para", "Some words."),
        ("li", "An item"),
        ("div.para", "Behind it"),
        ("p.x", 'The "end"'),
    ]


def test_pages_of_equal_structure_are_paired_block_by_block(unpacked):
    root = "usr/share/gimp/2.0/help"
    files = {f"{root}/en/a.html": PAGE.format(**ENGLISH), f"{root}/de/a.html": PAGE.format(**GERMAN)}
    reader = GimpHelp("de")
    unpacked(reader.material, {name: text.encode() for name, text in files.items()})
    pairs = list(reader.pairs())
    assert {pair.document for pair in pairs} == {"gimp/a.html"}
    assert [(pair.english, pair.foreign) for pair in pairs][:2] == [
        ("Filling", "Füllen"),
        ("Some words.", "Einige Worte."),
    ]
    assert len(pairs) == 5


def test_a_page_of_another_structure_gives_nothing(unpacked):
    root = "usr/share/doc/debian-handbook/html"
    german = PAGE.format(**GERMAN).replace("<li>", "<p>").replace("</li>", "</p>")
    files = {f"{root}/en-US/a.html": PAGE.format(**ENGLISH), f"{root}/de-DE/a.html": german}
    reader = DebianHandbook("de")
    unpacked(reader.material, {name: text.encode() for name, text in files.items()})
    assert list(reader.pairs()) == []
