import random
import subprocess
import sys
from importlib.metadata import version

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.metrics.word_error_rate import character_error_rate, plain, word_error_rate

METRICS = [word_error_rate, character_error_rate]


def transcripts(num_rows: int) -> tuple[list[str], list[str]]:
    """References, and hypotheses with words left out, changed and added."""
    generator = random.Random(0)
    words = ["".join(generator.choices("abcdefg", k=generator.randrange(1, 7))) for _ in range(200)]
    references = [" ".join(generator.choices(words, k=generator.randrange(1, 15))) for _ in range(num_rows)]

    def heard(word: str) -> list[str]:
        return generator.choice([[word]] * 7 + [[], [word[1:] or "x"], [word, "uh"]])

    hypotheses = [" ".join(each for word in text.split() for each in heard(word)) for text in references]
    return hypotheses, references


def test_figures_are_jiwers_own():
    hypotheses, references = transcripts(100)
    wer, cer = (metric(hypotheses, references, has_interval=False) for metric in METRICS)
    assert wer.value == pytest.approx(100 * jiwer.wer(references, hypotheses))
    assert cer.value == pytest.approx(100 * jiwer.cer(references, hypotheses))
    assert wer.signature == cer.signature == f"case:lower|punctuation:none|jiwer:{version('jiwer')}"


@pytest.mark.parametrize(
    ("hypotheses", "references", "wer", "cer"),
    [
        (["the cat sat"], ["the cat sat"], 0, 0),
        (["The cat, sat!"], ["the CAT sat."], 0, 0),
        (["the bat sat"], ["the cat sat"], 100 / 3, 100 / 11),
        (["the sat"], ["the cat sat"], 100 / 3, 400 / 11),
        (["the cat sat down"], ["the cat sat"], 100 / 3, 500 / 11),
        ([""], ["the cat"], 100, 100),
        (["a b c d"], ["x"], 400, 700),
        # Over all rows: not the mean of rows.
        (["a", "x y z u"], ["a", "b c d e"], 80, 50),
        # What has no words adds only what was heard in it.
        (["", "a b", "uh"], ["...", "a b", "(-)"], 50, 200 / 3),
    ],
)
def test_figures_are_those_counted_by_hand(hypotheses, references, wer, cer):
    assert word_error_rate(hypotheses, references).value == pytest.approx(wer)
    assert character_error_rate(hypotheses, references).value == pytest.approx(cer)


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("Don't STOP -- me, now!", "don't stop me now"),
        ("‘It’s’ `mine´", "it's mine"),
        ("great-grandfather_x", "great grandfather x"),
        ("Vi\u0301tejte ÉTÉ", "vítejte été"),
        ("24 Hours: 28.8", "24 hours 28 8"),
        ("  ", ""),
    ],
)
def test_case_and_punctuation_do_not_count(text, compared):
    assert plain(text) == compared == plain(compared)


@pytest.mark.parametrize("metric", METRICS)
def test_the_interval_holds_the_figure_and_is_the_same_every_time(metric):
    hypotheses, references = transcripts(200)
    score = metric(hypotheses, references)
    assert score == metric(hypotheses, references)
    assert score.low < score.value < score.high < score.low + 10
    assert "bs:1000|seed:12345" in score.signature


def test_the_interval_covers_the_figure_of_more_data_as_often_as_it_says():
    hypotheses, references = transcripts(6000)
    truth = word_error_rate(hypotheses, references, has_interval=False).value
    parts = [word_error_rate(hypotheses[i : i + 60], references[i : i + 60]) for i in range(0, 6000, 60)]
    assert 88 <= sum(part.low <= truth <= part.high for part in parts) <= 99  # type: ignore[operator]


def test_resamples_without_a_word_do_not_count():
    score = word_error_rate(["a"] + [""] * 9, ["a"] + [""] * 9)
    assert (score.low, score.value, score.high) == (0, 0, 0)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("hypotheses", "references"), [([], []), (["a"], ["a", "b"]), (["a"], ["..."])])
def test_lists_that_do_not_match_or_have_no_words_are_refused(metric, hypotheses, references):
    with pytest.raises(ValueError, match="must"):
        metric(hypotheses, references)


@given(st.lists(st.tuples(st.text("ab '", max_size=8), st.text("ab '", max_size=8)), min_size=1, max_size=6))
def test_nothing_is_wrong_exactly_where_everything_is_right(pairs):
    hypotheses, references = zip(*pairs, strict=True)
    if not any(map(plain, references)):
        return
    is_right = [plain(text) for text in hypotheses] == [plain(text) for text in references]
    for metric in METRICS:
        assert (metric(hypotheses, references, has_interval=False).value == 0) == is_right


def test_large_test_sets_are_resampled_less_often():
    assert "bs:200|" in word_error_rate(["a"] * 10_000, ["a"] * 10_000).signature


def test_importing_the_metric_loads_neither_torch_nor_numpy_nor_jiwer():
    script = (
        "import sys, lengthwise.metrics.word_error_rate; print(sorted({'torch', 'numpy', 'jiwer'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "[]"


def test_without_jiwer_the_command_that_installs_it_is_told():
    script = """
import sys
sys.modules["jiwer"] = None
from lengthwise.metrics.word_error_rate import word_error_rate
try:
    word_error_rate(["a"], ["b"])
except ValueError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("`pip install 'lengthwise[metrics]'`.")
