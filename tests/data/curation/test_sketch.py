import sys

import pytest

from lengthwise.data.curation.ngrams import words_of
from lengthwise.data.curation.sketch import Seen, digest_of, sketches_of


def faults(texts, threshold=0.7):
    seen = Seen(threshold)
    sketches = sketches_of([words_of(text) for text in texts])
    return [seen.fault(digest_of(text), sketch) for text, sketch in zip(texts, sketches, strict=True)]


def test_the_first_stays_and_copies_have_their_kind(prose):
    text = prose(0).text()
    changed = prose(1).altered(text, 2)
    assert faults([text, text.upper() + "\n", changed, prose(2).text()]) == [None, "exact copy", "near copy", None]


def test_texts_of_no_words_are_not_near_to_each_other():
    assert faults(["!", "?", "!"])[::2] == [None, "exact copy"]


def test_without_a_threshold_only_exact_copies_go(prose):
    text, seen = prose(0).text(), Seen(None)
    assert [seen.fault(digest_of(each), None) for each in (text, text + " More.", text)] == [None, None, "exact copy"]


def test_lone_surrogates_have_a_digest():
    assert digest_of("\ud800 a") == digest_of("\ud800  A")


@pytest.mark.parametrize("threshold", [0.0, 1.5])
def test_a_threshold_out_of_reach_is_refused(threshold):
    with pytest.raises(ValueError, match="`near` must be between 0.3 and 1"):
        Seen(threshold)


def test_without_the_package_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "rensa", None)
    with pytest.raises(ValueError, match=r"pip install 'lengthwise\[curation\]'`, or set near=none"):
        Seen(0.7)
    assert Seen(None).fault(b"x", None) is None
