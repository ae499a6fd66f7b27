"""Every answer against what follows from the facts as they were told."""

from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING

import pytest

from lengthwise.data.sources.generated.stories import relating
from lengthwise.data.sources.generated.stories.sentences import COMPASS, NEEDS, SIDES
from lengthwise.data.sources.generated.stories.story import Story

if TYPE_CHECKING:
    from .conftest import Said

NUM_STORIES = 200


def stories(kind: Callable, read) -> Iterator[tuple[list["Said"], "Said", str]]:
    """Facts, question and answer of stories of a kind."""
    random, made = Random("0"), 0
    while made < NUM_STORIES:
        story = Story(random, "train")
        found = kind(story)
        if found is not None:
            made += 1
            yield *read(" ".join([*story.sentences, found[0]])), found[1]


def points(facts, first: str, side: str, units) -> dict[str, tuple[int, int]]:
    """Coordinates of everything that the facts connect, from the first fact's second name on."""
    found = {facts[0]["other"]: (0, 0)}
    while len(found) < len(facts) + 1:
        for fact in facts:
            one, other, (x, y) = fact[first], fact["other"], units[fact[side]]
            if other in found:
                found[one] = found[other][0] + x, found[other][1] + y
            elif one in found:
                found[other] = found[one][0] - x, found[one][1] - y
    return found


def test_one_fact_tells_what_lies_on_a_side_and_of_what(read):
    asked = set()
    for facts, question, answer in stories(relating.relation, read):
        known, wanted = ("other", "place") if question.act == "ask what at" else ("place", "other")
        asked_for = question["place"], question["direction"]
        found = [fact[wanted] for fact in facts if (fact[known], fact["direction"]) == asked_for]
        asked.add(question.act)
        assert found == [answer]
    assert asked == {"ask what at", "ask what from"}


def test_everybody_fears_what_their_kind_fears(read):
    for facts, question, answer in stories(relating.deduction, read):
        enemies = {fact["species"]: fact["enemies"] for fact in facts if fact.act == "fear"}
        species = {fact["who"]: fact["species"] for fact in facts if fact.act == "member"}
        assert enemies[species[question["who"]]] == answer
        assert len(enemies) == len(set(enemies.values())) == 4


def test_everybody_has_the_colour_of_their_kind(read):
    for facts, question, answer in stories(relating.induction, read):
        species = {fact["who"]: fact["species"] for fact in facts if fact.act == "member"}
        colours = {fact["who"]: fact["colour"] for fact in facts if fact.act == "colour"}
        assert question["who"] not in colours
        kind = species[question["who"]]
        assert {colour for who, colour in colours.items() if species[who] == kind} == {answer}


def test_blocks_are_where_two_facts_put_them(read):
    answers = []
    for facts, question, answer in stories(relating.positions, read):
        at = points(facts, "block", "side", SIDES)
        one, other, unit = at[question["block"]], at[question["other"]], SIDES[question["side"]]
        along = sum(u * (a - b) for u, a, b in zip(unit, one, other, strict=True))
        assert along != 0 and ("yes" if along > 0 else "no") == answer
        assert (0, 0) not in (one, other) or len(facts) == 2
        answers.append(answer)
    assert 0.4 < answers.count("yes") / NUM_STORIES < 0.6


def test_what_is_smaller_over_others_in_between_fits(read):
    answers = []
    for facts, question, answer in stories(relating.sizes, read):
        larger = {(fact["small"], fact["large"]) for fact in facts}
        told = set(larger)
        while more := {(a, d) for a, b in larger for c, d in larger if b == c} - larger:
            larger |= more
        pair = question["small"], question["large"]
        assert ("yes" if pair in larger else "no") == answer
        assert (pair in larger) != (pair[::-1] in larger) and len(told) >= 4
        answers.append(answer)
    assert 0.4 < answers.count("yes") / NUM_STORIES < 0.6


def test_the_way_is_the_only_one_of_two_steps_on_the_map(read):
    for facts, question, answer in stories(relating.paths, read):
        at = points(facts, "place", "direction", COMPASS)
        assert len(set(at.values())) == len(at) == 5
        x, y = at[question["place"]]
        ways = [
            f"{first} , {second}"
            for first, (a, b) in COMPASS.items()
            for second, (c, d) in COMPASS.items()
            if (x + a, y + b) in at.values() and (x + a + c, y + b + d) == at[question["other"]]
        ]
        assert ways == [answer]


def test_people_go_where_their_need_takes_them(read):
    asked = set()
    for facts, question, answer in stories(relating.motives, read):
        needs = {fact["who"]: fact["need"] for fact in facts if fact.act == "need"}
        gone = {fact["who"]: fact["place"] for fact in facts if fact.act == "move"}
        assert all(NEEDS[needs[who]] == place for who, place in gone.items())
        if question.act == "ask why":
            assert gone[question["who"]] == question["place"] and needs[question["who"]] == answer
            assert sum(NEEDS[need] == question["place"] for need in needs.values()) == 2
        else:
            assert question["who"] not in gone and NEEDS[needs[question["who"]]] == answer
        asked.add(question.act)
    assert asked == {"ask why", "ask where to"}


@pytest.mark.parametrize(
    ("kind", "acts"), [(relating.deduction, {"fear", "member"}), (relating.induction, {"colour", "member"})]
)
def test_facts_come_in_any_order(kind, acts, read):
    told = list(stories(kind, read))
    assert {facts[0].act for facts, _, _ in told} == {facts[-1].act for facts, _, _ in told} == acts
