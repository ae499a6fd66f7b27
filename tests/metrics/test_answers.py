import pytest

from lengthwise.metrics.answers import answer_f1, answer_match, normalised


def test_case_punctuation_and_articles_do_not_count():
    assert normalised("The  10th-century, a king's!") == ["10thcentury", "kings"]
    assert answer_match(["the Normans."], ["Normans"]).value == 100


@pytest.mark.parametrize(
    ("found", "right", "f1"),
    [
        ("in the 10th century", "10th century", 80.0),
        ("Rollo", "Normans", 0.0),
        ("", "Normans", 0.0),
        ("the", "a", 100.0),
        ("new new York", "New York", 80.0),
    ],
)
def test_f1_is_of_words_counted_as_often_as_both_have_them(found, right, f1):
    assert answer_f1([found], [right], has_interval=False).value == pytest.approx(f1)


def test_the_interval_holds_the_value():
    score = answer_f1(["a b", "c", "d e"], ["b", "c", "x"])
    assert score.low is not None and score.high is not None and score.low <= score.value <= score.high
    assert "one reference" in score.signature
