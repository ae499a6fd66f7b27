import pytest

from lengthwise.data.sources.generated.stories.island import Island


@pytest.fixture
def island() -> Island:
    """Ann and Ben are at the mill, where Ann has the rope; Cid is at the inn."""
    found = Island()
    for who, place in (("ann", "mill"), ("ben", "mill"), ("cid", "inn")):
        found.move(who, place)
    found.take("ann", "rope")
    return found


def test_what_is_carried_comes_along(island):
    island.move("ann", "inn")
    island.move("ann", "quay")
    assert island.path_of["rope"] == ["mill", "inn", "quay"]


def test_what_is_dropped_stays(island):
    island.drop("ann", "rope")
    island.move("ann", "inn")
    assert island.path_of["rope"] == ["mill"] and island.carried_by("ann") == []
    assert island.in_reach_of("ben", ["rope"]) == ["rope"] and island.in_reach_of("ann", ["rope"]) == []


def test_what_is_given_goes_with_its_new_owner_and_comes_last(island):
    island.take("ben", "map")
    island.take("ben", "bell")
    island.give("ann", "rope", "ben")
    assert island.carried_by("ben") == ["map", "bell", "rope"]
    island.give("ben", "map", "ann")
    island.give("ann", "map", "ben")
    island.move("ben", "quay")
    assert island.carried_by("ben") == ["bell", "rope", "map"]
    assert island.path_of["rope"] == ["mill", "quay"] and island.near("ben") == []


@pytest.mark.parametrize(
    ("act", "names"),
    [
        ("move", ("ann", "mill")),
        ("take", ("ben", "rope")),
        ("take", ("cid", "rope")),
        ("drop", ("ben", "rope")),
        ("drop", ("ann", "map")),
        ("give", ("ann", "rope", "cid")),
        ("give", ("ann", "rope", "ann")),
        ("give", ("ben", "rope", "ann")),
    ],
)
def test_the_impossible_is_refused(island, act, names):
    with pytest.raises(ValueError, match="must"):
        getattr(island, act)(*names)


def test_what_lies_elsewhere_is_out_of_reach(island):
    island.drop("ann", "rope")
    with pytest.raises(ValueError, match="must lie where cid is"):
        island.take("cid", "rope")
