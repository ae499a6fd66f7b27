import sys

import pytest

from lengthwise.data.curation.language import _model, check_languages, language_of

TEXTS = {
    "en": "The baker carries his warm bread through the quiet streets of the town every morning.",
    "de": "Jeden Morgen trägt der alte Bäcker sein warmes Brot durch die ruhigen Straßen der Stadt.",
    "fr": "Chaque matin, le vieux boulanger porte son pain chaud à travers les rues calmes de la ville.",
    "cs": "Každé ráno nosí starý pekař teplý chléb tichými ulicemi města.",
    "ja": "毎朝、年老いたパン屋は静かな町の通りを歩いて温かいパンを運びます。",
}


@pytest.mark.parametrize("code", TEXTS)
def test_languages_are_told(code):
    assert language_of(TEXTS[code]) == code
    assert language_of(TEXTS[code] * 100) == code


def test_nothing_at_all_is_some_language():
    assert isinstance(language_of(""), str)


def test_a_language_that_the_model_does_not_know_is_named():
    check_languages(("en", "de"))
    with pytest.raises(ValueError, match="`english` is none of .*en, "):
        check_languages(("en", "english"))


def test_without_the_package_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)
    _model.cache_clear()
    with pytest.raises(ValueError, match=r"py3langid.*pip install 'lengthwise\[curation\]'"):
        language_of("text")
    check_languages(())
