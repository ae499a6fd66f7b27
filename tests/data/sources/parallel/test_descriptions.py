from pathlib import Path

from lengthwise.data.sources.cache import Entry
from lengthwise.data.sources.parallel.descriptions import PackageDescriptions, aligned, paragraphs

ENGLISH = """game about dogs
 Some dogs run
 around here.
 .
 It has:
  * many dogs, and
    long ones
  - one cat"""
GERMAN = """Spiel über Hunde
 Einige Hunde
 laufen herum.
 .
 Es hat:
  * viele Hunde
  * eine Katze"""


def test_a_description_is_a_summary_and_paragraphs_with_their_items():
    assert paragraphs(ENGLISH) == (
        "game about dogs",
        [["Some dogs run around here."], ["It has:", "many dogs, and long ones", "one cat"]],
    )


def test_passages_of_equal_structure_belong_together():
    assert list(aligned(ENGLISH, GERMAN)) == [
        ("game about dogs", "Spiel über Hunde"),
        ("Some dogs run around here.", "Einige Hunde laufen herum."),
        ("It has:", "Es hat:"),
        ("many dogs, and long ones", "viele Hunde"),
        ("one cat", "eine Katze"),
    ]


def test_another_number_of_items_costs_its_paragraph_and_of_paragraphs_all_but_the_summary():
    assert len(list(aligned(ENGLISH, GERMAN + "\n  * ein Tier"))) == 2
    assert list(aligned(ENGLISH, GERMAN + "\n .\n Noch etwas.")) == [("game about dogs", "Spiel über Hunde")]


def test_descriptions_are_matched_by_checksum_and_kept_together_by_source(tmp_path, monkeypatch):
    monkeypatch.setenv("LENGTHWISE_CACHE", str(tmp_path))

    def stanza(package: str, digest: str, language: str, text: str) -> str:
        return f"Package: {package}\nDescription-md5: {digest}\nDescription-{language}: {text}\n"

    def write(tree: Path) -> dict[str, str]:
        english = [stanza("dogs-data", "aa", "en", ENGLISH), stanza("other", "bb", "en", "another")]
        german = [stanza("dogs-data", "aa", "de", GERMAN), stanza("other", "old", "de", "veraltet")]
        (tree / "Translation-en").write_text("\n".join(english))
        (tree / "Translation-de").write_text("\n".join(german))
        (tree / "sources.tsv").write_text("dogs-data\tdogs\n")
        return {}

    Entry("descriptions/en-de").fill(write)
    pairs = list(PackageDescriptions("de").pairs())
    assert len(pairs) == 5 and {pair.document for pair in pairs} == {"descriptions/dogs"}
