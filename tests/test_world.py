import pytest

from lengthwise import world
from lengthwise.world import ALONE, FailedElsewhere, Share, World


def test_without_torchrun_there_is_one_process(monkeypatch: pytest.MonkeyPatch):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    assert world.of_environment() == ALONE and ALONE.is_main


def test_torchrun_says_who_this_is(monkeypatch: pytest.MonkeyPatch):
    for name, value in {"RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1"}.items():
        monkeypatch.setenv(name, value)
    found = world.of_environment()
    assert (found.rank, found.size, found.local_rank, found.is_main) == (3, 8, 1, False)


def test_shares_are_all_items_once():
    items = list(range(11))
    parts = [Share(number=number, of=3).take(items) for number in range(3)]
    assert sorted(sum(map(list, parts), [])) == items and max(map(len, parts)) - min(map(len, parts)) <= 1


def test_one_process_needs_nobody():
    assert ALONE.sum([1, 2.5]) == [1, 2.5]
    assert ALONE.gather("x") == ["x"]
    assert ALONE.merge(ALONE.share.take([1, 2, 3])) == [1, 2, 3]
    assert ALONE.from_main(lambda: 7) == 7 and ALONE.together(lambda: 8) == 8


def test_what_fails_in_all_is_told_by_the_main_one():
    with pytest.raises(ZeroDivisionError), World(rank=0, size=2).speaking_as_one():
        _ = 1 / 0
    with pytest.raises(FailedElsewhere), World(rank=1, size=2).speaking_as_one():
        _ = 1 / 0
