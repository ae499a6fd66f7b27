from collections import Counter
from itertools import combinations
from random import Random

import pytest

from lengthwise.data.sources.generated.stories.sentences import PEOPLE, SENTENCES
from lengthwise.data.sources.generated.stories.story import Story, split_of


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_only_those_play_together_that_the_split_may_have(split):
    story = Story(Random("0"), split)
    for _ in range(50):
        cast = story.cast(PEOPLE, 3)
        assert len(set(cast)) == 3 and split_of(cast) == split_of(sorted(cast)) == split


def test_a_tenth_of_all_casts_are_for_validation_and_a_tenth_for_test():
    counts = Counter(split_of(cast) for cast in combinations(PEOPLE, 3))
    assert sum(counts.values()) == 1140
    assert 90 < counts["test"] < 140 and 90 < counts["validation"] < 140


def test_everybody_plays_in_every_split():
    for split in ("train", "validation", "test"):
        casts = [cast for cast in combinations(PEOPLE, 3) if split_of(cast) == split]
        assert {who for cast in casts for who in cast} == set(PEOPLE)


def test_a_story_says_things_in_all_their_ways():
    story = Story(Random("0"), "train")
    for _ in range(200):
        story.tell("move", who="ann", place="inn")
    assert set(story.sentences) == {form.format(who="ann", place="inn") for form in SENTENCES["move"]}


def test_facts_without_order_are_told_in_any():
    orders = set()
    for seed in range(50):
        story = Story(Random(str(seed)), "train")
        story.tell_all([("need", {"who": who, "need": "wet"}) for who in ("ann", "ben", "cid")])
        orders.add(tuple(who for said in story.sentences for who in said.split() if who in ("ann", "ben", "cid")))
    assert len(orders) == 6
