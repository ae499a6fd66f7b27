import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.data.curation.deduplicate import minhash_bands, near_duplicates, near_pairs, ngrams, normalize

LONG = "the settings of the selected printer are changed in this dialog"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LONG, True),
        (f"  {LONG.upper()}\n", True),
        (LONG + ".", True),
        (LONG.replace("this", "that"), True),
        (LONG.replace("printer", "scanners"), False),  # Jaccard .67
        ("changed settings in this dialog are not those of a selected printer", False),
        ("", False),
        ("the", False),
        ("ok", True),
    ],
)
def test_texts_that_differ_little_are_found(text, expected):
    assert near_duplicates([text], ["something else entirely", LONG, "OK", "x" * 200]).tolist() == [expected]


def test_no_texts_or_no_references_are_no_duplicates():
    assert near_duplicates([], ["a"]).tolist() == []
    assert near_duplicates(["a"], []).tolist() == [False]


@given(st.lists(st.text("ab 😀", max_size=30), max_size=5), st.lists(st.text("ab 😀", max_size=30), max_size=5))
@settings(max_examples=100, deadline=None)
def test_nothing_is_marked_that_exact_jaccard_does_not_confirm_and_copies_always_are(texts, references):
    sets = [ngrams(normalize(reference)) for reference in references]
    for text, mark in zip(texts, near_duplicates(texts, references), strict=True):
        mine = ngrams(normalize(text))
        best = max((len(mine & other) / len(mine | other) for other in sets), default=0)
        assert best >= 0.7 if mark else best < 1


def test_nearly_all_pairs_above_the_threshold_are_found():
    generator = random.Random(0)
    words = ["".join(generator.choices("abcdefghij", k=5)) for _ in range(300)]
    references = [" ".join(generator.choices(words, k=16)) for _ in range(500)]
    texts = [
        " ".join(generator.choice(words) if i == place else word for i, word in enumerate(reference.split()))
        for reference in references
        for place in [generator.randrange(16)]
    ]
    jaccard = [len(ngrams(a) & ngrams(b)) / len(ngrams(a) | ngrams(b)) for a, b in zip(texts, references, strict=True)]
    expected = np.array(jaccard) >= 0.7
    found = near_duplicates(texts, references)
    assert expected.sum() > 400
    assert (found & expected).sum() >= 0.99 * expected.sum()


def test_a_text_has_the_same_bands_wherever_it_stands():
    alone = minhash_bands([LONG])
    assert (minhash_bands(["ab", "x", LONG, "y" * 40])[2] == alone[0]).all()


def test_a_list_longer_than_a_chunk_has_the_bands_of_its_parts(monkeypatch):
    texts = [f"{LONG} {i}" for i in range(50)]
    expected = minhash_bands(texts)
    monkeypatch.setattr("lengthwise.data.curation.deduplicate.CHUNK_CHARACTERS", 200)
    assert (minhash_bands(texts) == expected).all()


@pytest.mark.parametrize("threshold", [0.0, 0.2, 1.1])
def test_a_threshold_out_of_reach_is_refused(threshold):
    with pytest.raises(ValueError, match="`threshold` must be between 0.3 and 1"):
        near_duplicates(["a"], ["b"], threshold)


@pytest.mark.slow
def test_a_hundred_and_fifty_thousand_rows_take_less_than_a_minute():
    generator = random.Random(0)
    words = ["".join(generator.choices("abcdefghijklmnop", k=6)) for _ in range(20_000)]
    texts = [" ".join(generator.choices(words, k=10)) for _ in range(150_000)]
    began = time.process_time()
    near_duplicates(texts[:15_000], texts[15_000:])
    assert time.process_time() - began < 60


def test_pairs_of_near_texts_are_found_and_others_are_not():
    base = " ".join(f"word{number}" for number in range(40))
    texts = [base, "something else entirely, and long enough to count", base.replace("word7", "seven"), base.upper()]
    assert near_pairs(texts) == [(0, 2), (0, 3)]
