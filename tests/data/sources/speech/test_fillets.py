from collections import Counter
from pathlib import Path

import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.speech.fillets import Fillets

SCRIPT = """
dialogId("vit-a", "font_statue", "Welcome to the \\"city\\".")
dialogStr("Vítejte ve městě č. jedna!")

dialogId("vit-b", "font_small",
    "So what?")
dialogStr("No a?")
dialogId("vit-lost", "font_small", "Not recorded.")
dialogStr("Chybí.")
dialogId("vit-open", "font_small", "Never translated")
dialogId("vit-c", "font_small", "Deck %1.")
dialogStr("Paluba %1.")
dialogId("vit-d", "font_small", "Press F2!")
dialogStr("Stiskni F2!")
"""


@pytest.fixture
def level(tmp_path: Path) -> tuple[Path, Path]:
    """A level's script and the folder of its sounds."""
    script, sounds = tmp_path / "script" / "city" / "dialogs_cs.lua", tmp_path / "sound" / "city" / "cs"
    for path in (script.parent, sounds):
        path.mkdir(parents=True)
    script.write_text(SCRIPT, encoding="utf-8")
    for name in ("vit-a", "vit-b", "vit-c", "vit-d", "vit-unknown"):
        (sounds / f"{name}.ogg").write_bytes(b"sound")
    return script, sounds


def test_what_is_said_is_what_the_level_says_of_a_sound(level):
    rows = list(Fillets("cs").level(*level))
    kept = [row for row in rows if not isinstance(row, Rejected)]
    assert [row["targets"] for row in kept] == ["vítejte ve městě č jedna", "no a"]
    assert str(kept[0]["inputs"]) == str(level[1] / "vit-a.ogg")
    assert {(row["document"], row["split"]) for row in kept} == {("city", "validation")}
    assert {(row.where, row.reason) for row in rows if isinstance(row, Rejected)} == {
        ("city/vit-lost", "not recorded"),
        ("city/vit-c", "transcript: digits or signs"),
        ("city/vit-d", "transcript: digits or signs"),
        ("city/vit-unknown", "sound without transcript"),
    }


def test_translations_are_english_as_it_is_written(level):
    rows = list(Fillets("cs", is_translated=True).level(*level))
    kept = [row for row in rows if not isinstance(row, Rejected)]
    assert [row["targets"] for row in kept] == ['Welcome to the "city".', "So what?", "Press F2!"]
    assert ("city/vit-c", "translation: a template, or no letters") in {
        (row.where, row.reason) for row in rows if isinstance(row, Rejected)
    }


def test_names_say_the_direction_and_other_languages_are_refused():
    assert (Fillets("cs").name, Fillets("nl", is_translated=True).name) == ("fillets cs", "fillets nl-en")
    with pytest.raises(ValueError, match="`language` must be one of cs, nl, but is 'de'"):
        Fillets("de")


def test_a_script_that_is_no_text_is_one_line(level):
    level[0].write_bytes(b"\xff\xfe")
    with pytest.raises(SourceError, match="is broken"):
        list(Fillets("cs").level(*level))


@pytest.mark.packages
@pytest.mark.slow
@pytest.mark.parametrize(("language", "at_least"), [("cs", 1650), ("nl", 1500)])
def test_both_languages_are_there_with_their_translation(fetched, language, at_least):
    fetched(Fillets(language).material)
    said, translated = (
        {str(row["inputs"]): row for row in Fillets(language, has).read() if not isinstance(row, Rejected)}
        for has in (False, True)
    )
    assert len(said) > at_least and len(translated) > at_least
    assert len({row["document"] for row in said.values()}) > 60
    assert len(said.keys() - translated.keys()) < 5
    for rows in (said, translated):
        counts = Counter(row["split"] for row in rows.values())
        assert min(counts["validation"], counts["test"]) > 75 and counts["train"] > 0.8 * len(rows)
