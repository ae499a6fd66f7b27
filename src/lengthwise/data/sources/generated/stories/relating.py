"""Stories of how things stand to each other, what follows from their kind, and why people go: kinds 4, 15 to 20."""

from collections.abc import Mapping

from lengthwise.data.sources.generated.stories.sentences import (
    BLOCKS,
    COLOURS,
    COMPASS,
    CONTAINERS,
    NEEDS,
    NO,
    PEOPLE,
    PLACES,
    SIDES,
    SPECIES,
    YES,
)
from lengthwise.data.sources.generated.stories.story import Question, Story

Point = tuple[int, int]
Facts = list[tuple[str, dict[str, str]]]


def relation(story: Story) -> Question:
    """4: what lies on a side of a place, and of what it lies on a side: three places in a row."""
    places, direction = story.cast(PLACES, 3), story.one(list(COMPASS))
    story.tell_all(
        [
            ("direction", {"place": place, "direction": direction, "other": other})
            for place, other in zip(places, places[1:], strict=False)
        ]
    )
    at = story.between(0, 1)
    act, asked, answer = story.one(
        [("ask what at", places[at + 1], places[at]), ("ask what from", places[at], places[at + 1])]
    )
    return story.phrase(act, direction=direction, place=asked), answer


def deduction(story: Story) -> Question:
    """15: what somebody is afraid of, from what all of their kind are."""
    people, ring = story.cast(PEOPLE, 4), story.some(SPECIES, 4)
    enemies = dict(zip(ring, [*ring[1:], ring[0]], strict=True))
    species = {who: story.one(ring) for who in people}
    facts: Facts = [("fear", {"species": one, "enemies": other}) for one, other in enemies.items()]
    story.tell_all([*facts, *_members(species)])
    who = story.one(people)
    return story.phrase("ask fear", who=who), enemies[species[who]]


def induction(story: Story) -> Question:
    """16: what colour somebody is, from another of their kind."""
    people, kinds = story.cast(PEOPLE, 5), story.some(SPECIES, 3)
    colours = dict(zip(kinds, story.some(COLOURS, 3), strict=True))
    species = dict(zip(people, [*kinds, story.one(kinds), story.one(kinds)], strict=True))
    asked = people[-1]
    facts: Facts = [("colour", {"who": who, "colour": colours[species[who]]}) for who in people if who != asked]
    story.tell_all([*facts, *_members(species)])
    return story.phrase("ask colour", who=asked), colours[species[asked]]


def positions(story: Story) -> Question:
    """17: whether a block is on a side of another, both told relative to a third."""
    blocks = story.cast(BLOCKS, 3)
    # The first is at the origin; the others never at one place, so that they differ along at least one axis.
    points = dict(zip(blocks, [(0, 0), *story.some(list(SIDES.values()), 2)], strict=True))
    facts: Facts = []
    for block in blocks[1:]:
        first, second = story.some([block, blocks[0]], 2)
        facts.append(("position", {"block": first, "side": _between(points, second, first, SIDES), "other": second}))
    story.tell_all(facts)
    first, second = story.some(blocks[1:], 2)
    step = (points[first][0] - points[second][0], points[first][1] - points[second][1])
    # Along an axis on which both are level nothing could be said.
    side, (x, y) = story.one([(side, unit) for side, unit in SIDES.items() if unit[0] * step[0] or unit[1] * step[1]])
    is_there = x * step[0] + y * step[1] > 0
    return story.phrase("ask position", block=first, side=side, other=second), YES if is_there else NO


def sizes(story: Story) -> Question:
    """18: whether something fits into something else, over at least one in between."""
    ordered = story.cast(CONTAINERS, 5)
    pairs = [*zip(ordered, ordered[1:], strict=False), tuple(story.some(ordered, 2))]
    by_size = [sorted(pair, key=ordered.index) for pair in pairs]
    story.tell_all([("larger", {"small": small, "large": large}) for small, large in by_size])
    first = story.between(0, 2)
    fitting = ordered[first], ordered[story.between(first + 2, 4)]
    answer, (small, large) = story.one([(YES, fitting), (NO, fitting[::-1])])
    return story.phrase("ask fits", small=small, large=large), answer


def paths(story: Story) -> Question | None:
    """19: the way from a place to another, in two steps."""
    places = story.cast(PLACES, 5)
    points: dict[str, Point] = {places[0]: (0, 0)}
    facts: Facts = []
    for at, place in enumerate(places[1:], start=1):
        # The first three are the way; the others stand anywhere beside it.
        origin = places[at - 1] if at < 3 else story.one(places[:at])
        x, y = points[origin]
        step_x, step_y = story.one(list(COMPASS.values()))
        points[place] = (x + step_x, y + step_y)
        if [_distance(points[place], points[other]) for other in places[:at]].count(1) != 1 or len(
            set(points.values())
        ) < len(points):
            # A second way would be as short.
            return None
        first, second = story.some([place, origin], 2)
        direction = _between(points, second, first, COMPASS)
        facts.append(("direction", {"place": first, "direction": direction, "other": second}))
    story.tell_all(facts)
    steps = (_between(points, one, other, COMPASS) for one, other in zip(places[:2], places[1:3], strict=True))
    return story.phrase("ask path", place=places[0], other=places[2]), " , ".join(steps)


def motives(story: Story) -> Question:
    """20: why somebody went, or where somebody will go who needs something."""
    people = story.cast(PEOPLE, 4)
    shared, *places = story.some(sorted(set(NEEDS.values())), 3)
    # Two people have different reasons to go to one place.
    reasons = story.mixed([need for need, place in NEEDS.items() if place == shared])
    others = [story.one([need for need, helped in NEEDS.items() if helped == place]) for place in places]
    needs = dict(zip(people, [*reasons, *others], strict=True))
    story.tell_all([("need", {"who": who, "need": need}) for who, need in needs.items()])
    gone = [people[0], story.one(people[1:])]
    story.tell_all([("move", {"who": who, "place": NEEDS[needs[who]]}) for who in gone])
    if story.between(0, 1):
        return story.phrase("ask why", who=gone[0], place=shared), needs[gone[0]]
    who = story.one([who for who in people if who not in gone])
    return story.phrase("ask where to", who=who), NEEDS[needs[who]]


def _members(species: Mapping[str, str]) -> Facts:
    return [("member", {"who": who, "species": kind}) for who, kind in species.items()]


def _between(points: Mapping[str, Point], start: str, end: str, names: Mapping[str, Point]) -> str:
    """What the step from one to its neighbour is called."""
    step = (points[end][0] - points[start][0], points[end][1] - points[start][1])
    return next(name for name, unit in names.items() if unit == step)


def _distance(one: Point, other: Point) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])
