import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.speech.transcript import recording, spoken, with_digits_spelled
from lengthwise.metrics.word_error_rate import plain


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("I'm a better pilot than you will ever be.", "i'm a better pilot than you will ever be"),
        ("Hmmm...  what's   THAT?!", "hmmm what's that"),
        ('Another "Rocket" fan, right here -', "another rocket fan right here"),
        ("(sigh) Okay. [beep]", "okay"),
        ("great-grandfather’s ’em ‘quoted’", "great grandfather's em quoted"),
        ("A.M.", "a m"),
        ("Jak nechutné!", "jak nechutné"),
        ("Vít\u0065\u030cz", "vítěz"),
    ],
)
def test_a_transcript_becomes_the_words_that_are_said(written, said):
    assert spoken(written) == said


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "no letters"),
        ("...", "no letters"),
        ("(gulp)", "no letters"),
        ("<koff> [x]", "no letters"),
        ("in 1844", "digits or signs"),
        ("H.323", "digits or signs"),
        ("press # now", "digits or signs"),
        ("a & b", "digits or signs"),
        ("A%1.", "digits or signs"),
        ("a_b", "digits or signs"),
        ("(never closed", "digits or signs"),
    ],
)
def test_what_does_not_tell_what_is_said_is_refused_with_a_reason(written, reason):
    with pytest.raises(ValueError) as error:
        spoken(written)
    assert str(error.value) == reason
    rejected = recording(Blob("a.wav"), written, "scene", "list:3")
    assert rejected == Rejected(reason=f"transcript: {reason}", where="list:3", is_bad=False)


def test_a_recording_is_a_row_with_its_sound_and_its_words():
    sound = Blob("a.mp3", 3, 17)
    assert recording(sound, "Yes!", "scene", "list:3") == {
        "inputs": sound,
        "targets": "yes",
        "document": "scene",
        "where": "list:3",
        "split": None,
    }


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("press 1, or 2.", "press one, or two."),
        ("0 to 9", "zero to nine"),
        ("28.8 and 500 and 3D and X7 and 4", "28.8 and 500 and 3D and X7 and four"),
    ],
)
def test_only_digits_that_stand_alone_are_spelled(written, spelled):
    assert with_digits_spelled(written) == spelled


@given(st.text("aÉß'’ .,-!?\"(x)", max_size=30))
def test_what_is_said_stays_so_and_is_what_the_metric_compares(text):
    try:
        said = spoken(text)
    except ValueError:
        return
    assert spoken(said) == said == plain(said)
