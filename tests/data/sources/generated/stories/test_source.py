from collections import Counter
from itertools import combinations

import pytest

from lengthwise.data.sources.generated.stories import sentences
from lengthwise.data.sources.generated.stories.source import KINDS, Stories
from lengthwise.data.sources.generated.stories.story import split_of

CASTS = {4: sentences.PLACES, 17: sentences.BLOCKS, 18: sentences.CONTAINERS, 19: sentences.PLACES}
"""Who or what plays in a kind; people in all others."""
SPLITS = ("train", "validation", "test")


def small(kind: int, seed: int = 0) -> list[dict[str, str]]:
    source = Stories(kind=kind, num_questions=300, num_evaluation=100, seed=seed)
    return [{key: str(value) for key, value in row.items()} for row in source.read()]


def cast(kind: int, inputs: str) -> frozenset[str]:
    words = inputs.split()
    texts = {*words, *(f"{one} {other}" for one, other in zip(words, words[1:], strict=False))}
    return frozenset(texts & set(CASTS.get(kind, sentences.PEOPLE)))


@pytest.mark.parametrize("kind", range(1, 21))
def test_splits_have_the_sizes_asked_for_and_no_two_rows_alike(kind):
    rows = small(kind)
    assert Counter(row["split"] for row in rows) == {"train": 300, "validation": 100, "test": 100}
    assert len({row["inputs"] for row in rows}) == 500


@pytest.mark.parametrize("kind", range(1, 21))
def test_no_cast_plays_in_two_splits(kind):
    casts = {split: {cast(kind, row["inputs"]) for row in small(kind) if row["split"] == split} for split in SPLITS}
    assert all(split_of(sorted(each)) == split for split, found in casts.items() for each in found)
    assert not any(casts[one] & casts[other] for one, other in combinations(SPLITS, 2))


@pytest.mark.parametrize("kind", range(1, 21))
def test_every_kind_is_told_in_at_least_ten_forms(kind, read):
    forms = set()
    for row in small(kind):
        facts, question = read(row["inputs"])
        forms |= {said.form for said in (*facts, question)}
    assert len(forms) >= 10


@pytest.mark.parametrize("kind", range(1, 21))
def test_every_word_is_in_the_vocabulary_and_stands_alone(kind):
    words = set(sentences.vocabulary())
    for row in small(kind):
        for text in (row["inputs"], row["targets"]):
            assert text == " ".join(text.split()) and set(text.split()) <= words


def test_the_seed_fixes_every_row():
    assert small(3) == small(3) != small(3, seed=1)


def test_another_number_of_training_questions_changes_no_test_row():
    fewer = Stories(kind=5, num_questions=10, num_evaluation=100)
    tests = [[row for row in rows if row["split"] == "test"] for rows in (fewer.read(), small(5))]
    assert [row["inputs"] for row in tests[0]] == [row["inputs"] for row in tests[1]]


def test_all_kinds_jointly_are_each_kind_alone_one_after_the_other():
    joint = list(Stories(num_questions=3, num_evaluation=2).read())
    alone = [list(Stories(kind=kind, num_questions=3, num_evaluation=2).read()) for kind in range(1, 21)]
    assert joint == [row for split in SPLITS for rows in alone for row in rows if row["split"] == split]


def test_rows_name_their_kind():
    row = next(iter(Stories(kind=7, num_questions=1).read()))
    assert row["where"] == "kind 7, train question 1"


def test_there_are_twenty_kinds_described_by_their_number():
    assert [int((kind.__doc__ or "").partition(":")[0]) for kind in KINDS] == list(range(1, 21))


def test_another_seed_is_another_data_set():
    assert Stories(seed=1).checksums() != Stories(seed=2).checksums()


@pytest.mark.parametrize(
    ("changes", "name"), [({"kind": 21}, "kind"), ({"kind": -1}, "kind"), ({"num_questions": 0}, "num_questions")]
)
def test_wrong_settings_are_refused(changes, name):
    with pytest.raises(ValueError, match=f"`data.{name}` must be"):
        Stories(**changes)
