import json
import math
from collections import Counter, OrderedDict, namedtuple
from itertools import chain, count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.sandbox.values import MAX_BYTES, ValueRefused, decode, encode

hashable = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=6,
)
values = st.recursive(
    hashable,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(hashable, inner, max_size=3)
        | st.sets(hashable, max_size=3)
        | st.tuples(inner)
    ),
    max_leaves=12,
)


def same(a: object, b: object) -> bool:
    """Equal and of equal types all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return same(list(a.items()), list(b.items()))
    return repr(a) == repr(b) if isinstance(a, (float, complex)) else a == b


@given(values)
def test_values_of_built_in_types_come_back_as_they_were(value):
    assert same(decode(encode(value)), value)


@pytest.mark.parametrize(
    "value", [math.inf, -math.inf, -0.0, 10**5000, -(2**64), "\ud800", range(3, 9, 2), bytearray(b"\0x"), b""], ids=type
)
def test_odd_values_come_back_too(value):
    assert same(decode(encode(value)), value)


def test_nan_is_nan():
    found = decode(encode([math.nan, complex(math.nan, 1)]))
    assert isinstance(found, list) and math.isnan(found[0]) and math.isnan(found[1].real) and found[1].imag == 1


def test_subclasses_lose_what_they_add():
    class Liar(int):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = int.__hash__

    Point = namedtuple("Point", "x y")
    assert same(
        decode(encode([Liar(3), Point(1, 2), Counter("aab"), OrderedDict(b=1)])),
        [3, (1, 2), {"a": 2, "b": 1}, {"b": 1}],
    )


class Own:
    """An iterator of a program's own."""

    def __init__(self):
        self.left = [1, 2]

    def __iter__(self):
        return self

    def __next__(self):
        if not self.left:
            raise StopIteration
        return self.left.pop()


def test_iterators_stay_iterators_and_views_become_lists():
    found = decode(encode(map(str, [1, 2])))
    assert not isinstance(found, list) and list(found) == ["1", "2"]  # type: ignore[call-overload]
    assert decode(encode({1: 2}.keys())) == [1]
    for each in (reversed([2, 1]), iter({1: 2}.items()), chain([1], [2]), iter("ab"), iter(range(2)), Own()):
        found = decode(encode(each))
        assert not isinstance(found, list) and len(list(found)) in (1, 2)  # type: ignore[call-overload]


def test_an_iterator_without_end_is_refused():
    with pytest.raises(ValueRefused, match="an iterator over more than 1,000,000 values"):
        encode(count())


@pytest.mark.parametrize("value", [object(), len, ValueError("x"), type, NotImplemented, ...])
def test_what_is_not_built_in_is_refused(value):
    with pytest.raises(ValueRefused, match="which is not built in"):
        encode([value])


def test_what_is_too_deep_or_too_large_is_refused():
    deep: list = []
    for _ in range(10_000):
        deep = [deep]
    circular: list = []
    circular.append(circular)
    for value in (deep, circular):
        with pytest.raises(ValueRefused, match="nested more than 100 deep"):
            encode(value)
    with pytest.raises(ValueRefused, match="at most 8,388,608"):
        encode("x" * MAX_BYTES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "nope",
        '{"!": []}',
        '{"t": [], "s": []}',
        '{"d": [1]}',
        '{"d": [[1]]}',
        '{"d": [[[], 1]]}',
        '{"s": [[1]]}',
        '{"i": "zz"}',
        '{"f": "1"}',
        '{"c": [1]}',
    ]
    + [
        '{"c": ["1", "2"]}',
        '{"r": [1, 2, 0]}',
        '{"b": "x"}',
        '{"t": {}}',
        "[" * 10**6,
        "9" * 10**6,
        "1e999999x",
        " " * (MAX_BYTES + 1),
    ],
)
def test_what_a_liar_sends_is_refused_and_breaks_nothing(text):
    with pytest.raises(ValueRefused):
        decode(text)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda x: st.lists(x) | st.dictionaries(st.sampled_from("ifdtszbycran!"), x),
        max_leaves=8,
    )
)
def test_any_json_at_all_is_a_value_or_refused(message):
    try:
        decode(json.dumps(message))
    except ValueRefused:
        pass
