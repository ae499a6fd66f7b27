"""Every answer against a second simulation that knows only what was said."""

from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING

import pytest

from lengthwise.data.sources.generated.stories import moving
from lengthwise.data.sources.generated.stories.sentences import DAYS, NUMBERS, SHE
from lengthwise.data.sources.generated.stories.story import Story

if TYPE_CHECKING:
    from .conftest import Said

NUM_STORIES = 200


def stories(kind: Callable, read, number: int = NUM_STORIES) -> Iterator[tuple[list["Said"], "Said", str]]:
    """Facts, question and answer of stories of a kind."""
    random, made = Random("0"), 0
    while made < number:
        story = Story(random, "train")
        found = kind(story)
        if found is not None:
            made += 1
            yield *read(" ".join([*story.sentences, found[0]])), found[1]


def group(fact, before: list[str]) -> list[str]:
    """Who is meant: pronouns are those of the sentence before."""
    return before if fact["who"] in ("she", "he", "they") else fact["who"].split(" and ")


def where(facts) -> dict[str, str]:
    at, those = {}, []
    for fact in facts:
        if fact.act in ("move", "then"):
            those = group(fact, those)
            at |= dict.fromkeys(those, fact["place"])
    return at


def carried(facts) -> dict[str, list[str]]:
    """Person -> things; each in the order of coming."""
    hands: dict[str, list[str]] = {}
    for fact in facts:
        if fact.act in ("drop", "give"):
            hands[fact["who"]].remove(fact["thing"])
        if fact.act in ("take", "give"):
            hands.setdefault(fact["whom" if fact.act == "give" else "who"], []).append(fact["thing"])
    return hands


def track(facts, thing: str) -> list[str]:
    """The places of a thing, one after the other."""
    found = []
    for end in range(1, len(facts) + 1):
        holder = next((who for who, things in carried(facts[:end]).items() if thing in things), None)
        if holder and (place := where(facts[:end])[holder]) not in found[-1:]:
            found.append(place)
    return found


@pytest.mark.parametrize(
    "kind", [moving.single_fact, moving.coreference, moving.conjunction, moving.compound_coreference]
)
def test_people_are_where_they_went_last(kind, read):
    for facts, question, answer in stories(kind, read):
        assert where(facts)[question["who"]] == answer


def test_things_are_where_they_were_carried(read):
    for facts, question, answer in stories(moving.two_facts, read):
        assert track(facts, question["thing"])[-1] == answer


def test_things_came_from_the_place_before(read):
    for facts, question, answer in stories(moving.three_facts, read):
        path = track(facts, question["thing"])
        assert path.count(question["place"]) == 1
        assert path[path.index(question["place"]) - 1] == answer and path[0] != question["place"]


def test_of_a_gift_one_is_asked_whom_the_other_two_fix(read):
    asked = {"ask giver": "who", "ask gift": "thing", "ask receiver": "whom"}
    for facts, question, answer in stories(moving.gifts, read):
        missing = asked[question.act]
        given = [fact for fact in facts if fact.act == "give"]
        fitting = [fact for fact in given if all(fact[name] == value for name, value in question.names.items())]
        assert {fact[missing] for fact in fitting} == {answer}


def test_yes_is_where_somebody_is_and_no_a_place_that_the_story_names(read):
    for facts, question, answer in stories(moving.yes_or_no, read):
        assert ("yes" if where(facts)[question["who"]] == question["place"] else "no") == answer
        assert question["place"] in {fact["place"] for fact in facts}


def test_things_in_hand_are_counted(read):
    found = set()
    for facts, question, answer in stories(moving.counting, read):
        assert NUMBERS[len(carried(facts).get(question["who"], []))] == answer
        found.add(answer)
    assert found == {"none", "one", "two", "three"}


def test_things_in_hand_are_listed_in_the_order_of_coming(read):
    sizes = set()
    for facts, question, answer in stories(moving.lists, read):
        things = carried(facts).get(question["who"], [])
        assert " , ".join(things or ["nothing"]) == answer
        sizes.add(len(things))
    assert {0, 1, 2, 3} <= sizes


def test_who_left_is_not_there(read):
    reasons = set()
    # Few come back to the place that they left.
    for facts, question, answer in stories(moving.negation, read, 1000):
        last = next(fact for fact in reversed(facts) if fact["who"] == question["who"])
        if answer == "yes" or last.act == "leave":
            assert last["place"] == question["place"] and (last.act == "move") == (answer == "yes")
        else:
            assert last["place"] != question["place"]
        reasons.add((answer, last.act))
    assert reasons == {("yes", "move"), ("no", "move"), ("no", "leave")}


def test_of_two_places_each_may_be(read):
    for facts, question, answer in stories(moving.indefinite, read):
        last = next(fact for fact in reversed(facts) if fact["who"] == question["who"])
        possible = {last["place"], last["other"]} if last.act == "either" else {last["place"]}
        is_possible = question["place"] in possible
        assert ("no" if not is_possible else "yes" if len(possible) == 1 else "maybe") == answer


def test_pronouns_fit_the_people_that_they_stand_for(read):
    for facts, _, _ in stories(moving.coreference, read):
        for before, fact in zip(facts, facts[1:], strict=False):
            if fact.act == "then":
                assert fact["who"] == ("she" if before["who"] in SHE else "he")


@pytest.mark.parametrize("kind", [moving.conjunction, moving.compound_coreference])
def test_people_go_two_by_two(kind, read):
    for facts, _, _ in stories(kind, read):
        assert all(fact["who"] == "they" or " and " in fact["who"] for fact in facts)


def test_the_place_before_is_that_of_the_day_before_in_the_story(read):
    is_mixed = False
    for facts, question, answer in stories(moving.time, read):
        visits = [(DAYS.index(fact["day"]), fact["place"]) for fact in facts if fact["who"] == question["who"]]
        is_mixed |= visits != sorted(visits)
        path = [place for _, place in sorted(visits)]
        assert len(set(path)) == len(path) and path[path.index(question["place"]) - 1] == answer != path[-1]
    assert is_mixed


@pytest.mark.parametrize("kind", [moving.two_facts, moving.three_facts, moving.counting, moving.lists, moving.gifts])
def test_nothing_happens_that_could_not(kind, read):
    for facts, _, _ in stories(kind, read):
        for end, fact in enumerate(facts):
            at, hands = where(facts[:end]), carried(facts[:end])
            held = {thing for things in hands.values() for thing in things}
            if fact.act == "move":
                assert at.get(fact["who"]) != fact["place"]
            elif fact.act == "take":
                assert fact["thing"] not in held
                assert track(facts[:end], fact["thing"])[-1:] in ([], [at[fact["who"]]])
            else:
                assert fact["thing"] in hands[fact["who"]]
            if fact.act == "give":
                assert at[fact["who"]] == at[fact["whom"]] and fact["who"] != fact["whom"]


@pytest.mark.parametrize("kind", [moving.yes_or_no, moving.negation, moving.indefinite])
def test_answers_are_equally_frequent(kind, read):
    answers = [answer for _, _, answer in stories(kind, read)]
    counts = {answer: answers.count(answer) for answer in set(answers)}
    assert min(counts.values()) > 0.75 * NUM_STORIES / len(counts)
