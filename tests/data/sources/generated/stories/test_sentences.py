from string import Formatter

import pytest

from lengthwise.data.sources.generated.stories import sentences
from lengthwise.data.sources.generated.stories.sentences import SENTENCES, vocabulary


def test_all_forms_of_an_act_name_the_same():
    for forms in SENTENCES.values():
        assert len({frozenset(name for _, name, *_ in Formatter().parse(form) if name) for form in forms}) == 1


@pytest.mark.parametrize("act", SENTENCES)
def test_a_form_is_lower_case_words_and_one_closing_mark(act):
    for form in SENTENCES[act]:
        assert form == form.lower() and form == " ".join(form.split())
        assert form.split()[-1] == ("?" if act.startswith("ask") else ".")
        assert not {".", "?"} & set(form.split()[:-1])


def test_no_form_stands_there_twice():
    forms = [form for each in SENTENCES.values() for form in each]
    assert len(forms) == len(set(forms))


def test_names_of_different_things_are_different_words():
    lists = ("PEOPLE", "PLACES", "THINGS", "CONTAINERS", "SPECIES", "DAYS", "NUMBERS", "NEEDS", "COMPASS")
    names = [name for each in lists for name in getattr(sentences, each)]
    assert len(names) == len(set(names)) and not any(" " in name for name in names)


def test_every_place_that_helps_helps_with_two_needs():
    places = list(sentences.NEEDS.values())
    assert {places.count(place) for place in places} == {2} and set(places) <= set(sentences.PLACES)


def test_the_vocabulary_is_one_of_different_words():
    assert len(set(vocabulary())) == len(vocabulary()) < 300
    assert not any(set(word) & set("{} ") for word in vocabulary())
