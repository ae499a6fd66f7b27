import pytest

from lengthwise.data.curation.ngrams import words_of
from lengthwise.data.curation.quality import Quality

LENIENT = Quality(min_words=5, min_stop_words=0)
SENTENCE = "Every morning this old baker carries warm bread through seven quiet streets of our town."


def fault(text, quality=LENIENT):
    return quality.fault(text, words_of(text))


def test_prose_has_no_fault(prose):
    assert fault(SENTENCE) is None
    assert all(fault(prose(seed).text(), Quality()) is None for seed in range(50))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "fewer than 5 words"),
        ("Only four words here.", "fewer than 5 words"),
        ("a b c d e f g h", "words too short or too long in the mean"),
        ("Donaudampfschifffahrtsgesellschaft " * 6, "words too short or too long in the mean"),
        ("# " * 5 + SENTENCE, "too many symbols"),
        (SENTENCE + " 1999 2000 2001 2002 2003 2004", "too few words with letters"),
        ("- " + "\n- ".join(SENTENCE.split()), "too many bullets"),
        ("\n".join([SENTENCE, "but then the baker...", "and so on..."]), "too many lines"),
        ("\n".join([SENTENCE, *["Read more"] * 3, "Seven more streets"]), "repeated lines"),
        (SENTENCE + " " + SENTENCE, "repeated passages"),
        (
            "buy cheap bread now, buy cheap bread today, buy cheap bread here, buy cheap bread fast, says he",
            "one phrase again and again",
        ),
        (SENTENCE + " Lorem ipsum dolor sit amet.", "placeholder text"),
    ],
)
def test_what_is_no_prose_has_its_reason(text, reason):
    assert str(fault(text)).startswith(reason)


def test_stop_words_are_those_of_the_language():
    assert fault(SENTENCE, Quality(min_words=5, min_stop_words=2)) == "too few stop words"
    german = "Jeden Morgen trägt der alte Bäcker warmes Brot durch sieben ruhige Straßen und die Gassen."
    assert fault(german, Quality(min_words=5)) == "too few stop words"
    assert fault(german, Quality(min_words=5, stop_words=("der", "die", "und"))) is None


def test_a_text_that_is_too_long_has_its_reason():
    assert fault(SENTENCE, Quality(min_words=1, max_words=8)) == "more than 8 words"


@pytest.mark.parametrize("limits", [{"max_symbols": -1.0}, {"min_words": 10, "max_words": 5}])
def test_limits_that_nothing_can_keep_to_are_refused(limits):
    with pytest.raises(ValueError, match="`quality"):
        Quality(**limits)
