import pytest

from lengthwise.data.curation.decontaminate import Decontamination
from lengthwise.data.curation.ngrams import words_of

QUESTION = "On which day of the week did the old baker of the town carry his bread through it?"


def test_a_passage_in_common_is_found_whatever_its_case_and_signs():
    asked = Decontamination.against([QUESTION], 13)
    assert asked.fault(words_of("They ask: " + QUESTION.upper().replace(" ", "\n") + " Nobody knows."))
    assert asked.fault(words_of(" ".join(QUESTION.split()[:13])))
    assert asked.fault(words_of(" ".join(QUESTION.split()[:12]))) is None
    assert asked.fault(words_of(QUESTION.replace("old", "young"))) is None


def test_texts_that_are_too_short_to_be_found_are_counted():
    assert Decontamination.against(["yes", QUESTION], 13).num_short == 1
    assert Decontamination().fault(words_of(QUESTION)) is None


def test_a_passage_of_one_word_is_refused():
    with pytest.raises(ValueError, match="`ngram` must be at least 2"):
        Decontamination.against([], 1)
