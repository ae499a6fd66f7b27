import pytest

from lengthwise.data.curation.filter import Limits, placeholders, reason_against, tidy

LIMITS = Limits(min_words=4)


def test_text_becomes_one_composed_line_without_invisible_characters():
    assert tidy(" Gro\u0308\u00dfe\u00a0\n ist\u00ad \u200bviel ") == "Größe ist viel"


@pytest.mark.parametrize(
    ("english", "foreign"),
    [
        ("Save the document under a new name.", "Speichert das Dokument unter einem neuen Namen."),
        ("cannot open file %s: %d errors", "%2$d Fehler, Datei %1$s kann nicht geöffnet werden"),
        ("Fast Light Toolkit - documentation", "Fast Light Toolkit - Dokumentation"),
        ("The value is 100 % of it.", "Der Wert ist 100 % davon."),
    ],
)
def test_a_translation_is_kept(english, foreign):
    assert reason_against(english, foreign, LIMITS) is None


@pytest.mark.parametrize(
    ("english", "foreign", "reason"),
    [
        ("12 + 34 = 46", "12 + 34 = 46", "no words"),
        ("Load the page now", "-----", "no words"),
        ("Save This File Now", "save this file now", "same on both sides"),
        ("Save as", "Speichern unter", "fewer than 4 words"),
        ("Save this file as", "Speichern", "fewer than 4 words"),
        ("word " * 121, "Wort " * 121, "more than 120 words"),
        (
            "Click the button here.",
            "Klicken Sie hier, um den Dialog zu öffnen, der alle Werte zeigt" + "e" * 20,
            "unequal lengths",
        ),
        ("Cannot open the file %s", "Die Datei kann nicht geöffnet werden", "unequal placeholders"),
        (
            "A list of all names that are known to us.",
            "A list of all names that are known uns.",
            "untranslated",
        ),
    ],
)
def test_what_teaches_nothing_is_left_out_with_its_reason(english, foreign, reason):
    assert reason_against(english, foreign, LIMITS) == reason


def test_placeholders_are_found_whatever_the_program():
    text = "%s %1$s %-5.2f %1 %(name)s {0} {file} ${HOME} $user %PRODUCTNAME 100% done"
    found = placeholders(text)
    assert found["%s"] == 2 and set(found) == {
        *("%s", "%-5.2f", "%1", "%(name)s", "{0}", "{file}", "${HOME}", "$user", "%PRODUCTNAME"),
    }


@pytest.mark.parametrize("wrong", [{"min_words": 0}, {"min_words": 200}, {"max_ratio": 1.0}, {"max_copied": 0.0}])
def test_impossible_limits_are_refused_in_one_line(wrong):
    with pytest.raises(ValueError, match="must be") as caught:
        Limits(**wrong)
    assert "\n" not in str(caught.value)
