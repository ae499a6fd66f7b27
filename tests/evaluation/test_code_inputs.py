import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.evaluation.code_inputs import more_inputs


@pytest.mark.parametrize(
    ("seen", "holds"),
    [
        ([(3,), (9,)], lambda n: type(n) is int and n >= 1),
        ([(0,), (9,)], lambda n: type(n) is int and n >= 0),
        ([(0.5,), (2.0,)], lambda x: type(x) is float and x >= 0),
        ([("abba",), ("",)], lambda text: set(text) <= set("ab")),
        ([("ab",), ("ba",)], lambda text: len(text) == 2),
        ([([1, 2, 3],), ([5],)], lambda items: len(items) >= 1 and all(type(each) is int for each in items)),
        ([([1, 2, 4],), ([2, 5, 9, 9],)], lambda items: items == sorted(items)),
        ([((1, 2),), ((3, 4),)], lambda pair: type(pair) is tuple and len(pair) == 2),
        (
            [({"a": 1},), ({"b": 2},)],
            lambda table: set(table) <= set("ab") and all(type(v) is int for v in table.values()),
        ),
        ([(True,), (False,)], lambda flag: type(flag) is bool),
        ([([[1], [2, 3]],)], lambda rows: all(isinstance(row, list) for row in rows)),
    ],
)
def test_inputs_are_new_many_and_like_those_seen(seen, holds):
    found = more_inputs(seen, 50)
    assert found == more_inputs(seen, 50) and len({repr(each) for each in found}) == len(found)
    assert not {repr(each) for each in found} & {repr(each) for each in seen}
    assert all(holds(each[0]) for each in found)
    assert len(found) >= (2 if seen[0] in ((True,), ("ab",)) else 20) or seen[0] in (("ab",), (True,))


def test_several_arguments_keep_their_places():
    found = more_inputs([("ab", 3), ("ba", 5)], 30)
    assert len(found) == 30 and all(isinstance(text, str) and isinstance(n, int) for text, n in found)


def test_nothing_comes_of_nothing():
    assert more_inputs([], 5) == [] and more_inputs([()], 5) == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats(-9, 9) | st.text("abc1", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text("ab", max_size=2), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_whatever_was_seen_is_changed_or_left(seen):
    found = more_inputs(seen, 20, (3, "b", 0.5))
    assert all(len(each) == 2 for each in found) and len({repr(each) for each in found}) == len(found)


def test_arguments_change_places_only_where_each_may_stand():
    found = more_inputs([(3, -4), (5, -6)], 100)
    assert all(first >= 1 for first, _ in found)
    found = more_inputs([([1], []), ([2, 3], [])], 100)
    assert found and all(second == [] for _, second in found)
