"""Stories of people who move about and carry things: kinds 1 to 3, 5 to 14.

A kind tells a story and returns a question with its answer, or None where the story has nothing to ask.
"""

from dataclasses import dataclass, field

from lengthwise.data.sources.generated.stories.island import Island
from lengthwise.data.sources.generated.stories.sentences import (
    DAYS,
    MAYBE,
    NO,
    NOTHING,
    NUMBERS,
    PEOPLE,
    PLACES,
    SHE,
    THINGS,
    YES,
)
from lengthwise.data.sources.generated.stories.story import Question, Story


@dataclass
class Scene:
    """An island of which every change is told."""

    story: Story
    people: list[str]
    places: list[str]
    things: list[str] = field(default_factory=list)
    island: Island = field(default_factory=Island)

    def walk(self, *group: str, act: str = "move", called: str = "") -> None:
        """One or more people go to a place where none of them is."""
        taken = [self.island.place_of.get(who) for who in group]
        place = self.story.one([place for place in self.places if place not in taken])
        for who in group:
            self.island.move(who, place)
        self.story.tell(act, who=called or " and ".join(group), place=place)

    def turns(self, extra: int) -> list[str]:
        """Who does something, one after the other: everybody at least once."""
        return self.story.mixed([*self.people, *(self.story.one(self.people) for _ in range(extra))])

    def pairs(self, extra: int) -> list[list[str]]:
        """Four people two by two, and further pairs."""
        order = self.story.mixed(self.people)
        return [order[:2], order[2:], *(self.story.some(self.people, 2) for _ in range(extra))]

    def happen(self, extra: int) -> None:
        """People walk, take, drop and give; nobody acts before they were seen."""
        for who in self.turns(extra):
            options = self._options(who)
            act, names = self.story.one(options) if options and self.story.between(0, 2) else ("move", {})
            if act == "move":
                self.walk(who)
                continue
            getattr(self.island, act)(who, *names.values())
            self.story.tell(act, who=who, **names)

    def _options(self, who: str) -> list[tuple[str, dict[str, str]]]:
        if who not in self.island.place_of:
            return []
        carried, reached = self.island.carried_by(who), self.island.in_reach_of(who, self.things)
        return [
            *(("take", {"thing": thing}) for thing in reached),
            *(("drop", {"thing": thing}) for thing in carried),
            *(("give", {"thing": thing, "whom": whom}) for thing in carried for whom in self.island.near(who)),
        ]

    def seen_places(self) -> list[str]:
        """Places that the story has named."""
        words = {word for sentence in self.story.sentences for word in sentence.split()}
        return [place for place in self.places if place in words]


def single_fact(story: Story) -> Question:
    """1: where somebody is who went there."""
    scene = _scene(story)
    for who in scene.turns(story.between(0, 6)):
        scene.walk(who)
    return _where(scene)


def two_facts(story: Story) -> Question | None:
    """2: where a thing is that somebody took along."""
    scene = _scene(story, num_things=3)
    scene.happen(story.between(3, 9))
    if not scene.island.path_of:
        return None
    thing = story.one(list(scene.island.path_of))
    return story.phrase("ask where thing", thing=thing), scene.island.path_of[thing][-1]


def three_facts(story: Story) -> Question | None:
    """3: where a thing was before it came to a place."""
    scene = _scene(story, num_things=2)
    scene.happen(story.between(6, 13))
    steps = [
        (thing, before, place)
        for thing, path in scene.island.path_of.items()
        for before, place in zip(path, path[1:], strict=False)
        if path.count(place) == 1
    ]
    if not steps:
        return None
    thing, before, place = story.one(steps)
    return story.phrase("ask where thing before", thing=thing, place=place), before


def gifts(story: Story) -> Question | None:
    """5: who gave what to whom."""
    scene = _scene(story, num_places=1, num_things=4)
    for who in scene.people:
        scene.walk(who)
    given = list[tuple[str, str, str]]()
    for _ in range(story.between(2, 4)):
        who = story.one(scene.people)
        thing = story.one([*scene.island.in_reach_of(who, scene.things), *scene.island.carried_by(who)] or [""])
        if not thing:
            return None
        if thing not in scene.island.carrier_of:
            scene.island.take(who, thing)
            story.tell("take", who=who, thing=thing)
        whom = story.one(scene.island.near(who))
        scene.island.give(who, thing, whom)
        story.tell("give", who=who, thing=thing, whom=whom)
        given.append((who, thing, whom))
    who, thing, whom = story.one(given)
    act, answers = story.one(
        [
            ("ask giver", {a for a, b, c in given if (b, c) == (thing, whom)}),
            ("ask gift", {b for a, b, c in given if (a, c) == (who, whom)}),
            ("ask receiver", {c for a, b, c in given if (a, b) == (who, thing)}),
        ]
    )
    question = story.phrase(act, who=who, thing=thing, whom=whom)
    return (question, answers.pop()) if len(answers) == 1 else None


def yes_or_no(story: Story) -> Question | None:
    """6: whether somebody is at a place."""
    scene = _scene(story)
    for who in scene.turns(story.between(1, 6)):
        scene.walk(who)
    who, here = story.one(list(scene.island.place_of.items()))
    others = [place for place in scene.seen_places() if place != here]
    return _whether(story, {YES: [(who, here)], NO: [(who, place) for place in others]})


def counting(story: Story) -> Question | None:
    """7: how many things somebody carries."""
    scene = _scene(story, num_things=5)
    scene.happen(story.between(4, 11))
    wanted = story.between(0, 3)
    found = [who for who in scene.island.place_of if len(scene.island.carried_by(who)) == wanted]
    return (story.phrase("ask how many", who=story.one(found)), NUMBERS[wanted]) if found else None


def lists(story: Story) -> Question | None:
    """8: what somebody carries, in the order in which it came to them."""
    scene = _scene(story, num_things=4)
    scene.happen(story.between(3, 9))
    who = story.one(list(scene.island.place_of))
    carried = scene.island.carried_by(who)
    if not carried and story.between(0, 3):
        return None
    return story.phrase("ask what carries", who=who), " , ".join(carried) or NOTHING


def negation(story: Story) -> Question | None:
    """9: whether somebody is at a place, where some have left without a word of where to."""
    scene = _scene(story, num_people=4)
    left = dict[str, str]()
    for who in scene.turns(story.between(1, 5)):
        if who in scene.island.place_of and story.between(0, 1):
            left[who] = scene.island.place_of.pop(who)
            story.tell("leave", who=who, place=left[who])
        else:
            left.pop(who, None)
            scene.walk(who)
    here = list(scene.island.place_of.items())
    elsewhere = [(who, place) for who, at in here for place in scene.seen_places() if place != at]
    absent = elsewhere if not left or story.between(0, 1) else list(left.items())
    return _whether(story, {YES: here, NO: absent})


def indefinite(story: Story) -> Question | None:
    """10: whether somebody is at a place, where for some only two are known of which it is one."""
    scene = _scene(story)
    possible = dict[str, list[str]]()
    for who in scene.turns(story.between(0, 4)):
        if story.between(0, 1):
            scene.walk(who)
            possible[who] = [scene.island.place_of[who]]
        else:
            possible[who] = story.some([place for place in scene.places if place not in possible.get(who, [])], 2)
            scene.island.place_of[who] = story.one(possible[who])
            story.tell("either", who=who, place=possible[who][0], other=possible[who][1])
    seen = scene.seen_places()
    pairs = [(who, place) for who in possible for place in seen]
    answers = {
        YES: [(who, place) for who, place in pairs if possible[who] == [place]],
        NO: [(who, place) for who, place in pairs if place not in possible[who]],
        MAYBE: [(who, place) for who, place in pairs if len(possible[who]) == 2 and place in possible[who]],
    }
    return _whether(story, answers)


def coreference(story: Story) -> Question:
    """11: where somebody is who was called she or he."""
    scene = _scene(story)
    for who in scene.turns(story.between(0, 2)):
        scene.walk(who)
        if story.between(0, 3):
            scene.walk(who, act="then", called="she" if who in SHE else "he")
    return _where(scene)


def conjunction(story: Story) -> Question:
    """12: where somebody is who went with somebody else."""
    scene = _scene(story, num_people=4)
    for pair in scene.pairs(story.between(0, 4)):
        scene.walk(*pair)
    return _where(scene)


def compound_coreference(story: Story) -> Question:
    """13: where one of two is who were called they."""
    scene = _scene(story, num_people=4)
    for pair in scene.pairs(story.between(0, 2)):
        scene.walk(*pair)
        if story.between(0, 3):
            scene.walk(*pair, act="then", called="they")
    return _where(scene)


def time(story: Story) -> Question:
    """14: where somebody was before, in a story that isn't told in the order of time."""
    people, visits, facts = story.cast(PEOPLE, 3), dict[str, list[str]](), list[tuple[str, dict[str, str]]]()
    places = story.some(PLACES, 6)
    for who in people:
        days = sorted(story.some(range(len(DAYS)), story.between(2, 4)))
        visits[who] = story.some(places, len(days))
        facts += [
            ("visit", {"who": who, "day": DAYS[day], "place": place})
            for day, place in zip(days, visits[who], strict=True)
        ]
    story.tell_all(facts)
    who = story.one(people)
    at = story.between(1, len(visits[who]) - 1)
    return story.phrase("ask where before", who=who, place=visits[who][at]), visits[who][at - 1]


def _scene(story: Story, num_people: int = 3, num_places: int = 5, num_things: int = 0) -> Scene:
    return Scene(story, story.cast(PEOPLE, num_people), story.some(PLACES, num_places), story.some(THINGS, num_things))


def _where(scene: Scene) -> Question:
    who, place = scene.story.one(list(scene.island.place_of.items()))
    return scene.story.phrase("ask where", who=who), place


def _whether(story: Story, answers: dict[str, list[tuple[str, str]]]) -> Question | None:
    """A question whose answer is as likely one as another; None where the story can't have them all."""
    if not all(answers.values()):
        return None
    answer = story.one(list(answers))
    who, place = story.one(answers[answer])
    return story.phrase("ask whether at", who=who, place=place), answer
