from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.literals import Reader, describe

TEXT, TYPED = Reader(is_text=True), Reader(is_text=False)


@pytest.mark.parametrize(
    ("text", "annotation", "value"),
    [
        ("2000", int, 2000),
        ("1e4", int, 10_000),
        ("1_000", int, 1000),
        ("1e-3", float, 1e-3),
        ("3", float, 3.0),
        ("true", bool, True),
        ("False", bool, False),
        ("none", int | None, None),
        ("7", int | None, 7),
        ("none", str | None, None),
        ("'none'", str | None, "none"),
        ("none", str, "none"),
        ("beam", Literal["beam", "greedy"], "beam"),
        ("2", Literal[1, 2], 2),
        ("auto", int | Literal["auto"], "auto"),
        ("2", int | float, 2),
        ("2.5", int | float, 2.5),
        ("[1,2]", tuple[int, ...], (1, 2)),
        ("1,2", tuple[int, ...], (1, 2)),
        ("[]", tuple[int, ...], ()),
        ("[[1,2],[3]]", list[list[int]], [[1, 2], [3]]),
        ("[a, 'b,c']", Sequence[str], ("a", "b,c")),
        ("[.9,.95]", tuple[float, float], (0.9, 0.95)),
        ("{a:1,b:[2,3]}", dict[str, Any], {"a": 1, "b": (2, 3)}),
        ("{2:0.5}", Mapping[int, float], {2: 0.5}),
        ("pairs.tsv", Path, Path("pairs.tsv")),
        ("1", Any, 1),
        ("1.5", object, 1.5),
        ("none", object, None),
        ("[1,x]", object, (1, "x")),
        ("pairs.tsv", object, "pairs.tsv"),
    ],
)
def test_text_becomes_what_the_annotation_wants(text, annotation, value):
    read = TEXT.read(text, annotation, "x")
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("value", "annotation", "message"),
    [
        ("abc", int, "`x` must be a whole number, but is `abc`."),
        ("2.5", int, "`x` must be a whole number, but is `2.5`."),
        ("nan", float, "`x` must be a number, but is `nan`."),
        ("yes", bool, "`x` must be true or false, but is `yes`."),
        ("abc", int | None, "`x` must be a whole number or none, but is `abc`."),
        (
            "baem",
            Literal["beam", "greedy"],
            "`x` must be one of `beam` or `greedy`, but is `baem`. Did you mean `beam`?",
        ),
        ("[1,b]", tuple[int, ...], "`x[1]` must be a whole number, but is `b`."),
        ("[1]", tuple[int, int], "`x` must be 2 values, but is `[1]`."),
        ("{a}", dict[str, int], "`x` must be pairs such as {a:1,b:2}, but is `{a}`."),
        (True, int, "`x` must be a whole number, but is `true` (bool)."),
        (1.5, int, "`x` must be a whole number, but is `1.5` (float)."),
        ([1], str, "`x` must be text, but is `[1]` (list)."),
        (3, tuple[int, ...], "`x` must be a list such as [a,b], each a whole number, but is `3` (int)."),
    ],
)
def test_a_wrong_value_is_answered_with_what_was_expected_and_what_came(value, annotation, message):
    with pytest.raises(ValueError) as caught:
        TEXT.read(value, annotation, "x")
    assert str(caught.value) == message


def test_a_saved_string_is_never_parsed():
    assert TYPED.read("none", str | None, "x") == "none"
    assert TYPED.read("1", object, "x") == "1"
    with pytest.raises(ValueError, match="whole number"):
        TYPED.read("1", int, "x")


def test_a_typed_value_is_taken_as_it_is():
    assert TEXT.read(3, int, "x") == 3
    assert TEXT.read(3, float, "x") == 3.0
    assert TEXT.read([1, 2], tuple[int, ...], "x") == (1, 2)


def test_a_long_wrong_value_is_cut_in_the_error():
    with pytest.raises(ValueError) as caught:
        TEXT.read("y" * 10_000, int, "x")
    assert len(str(caught.value)) < 150


def test_an_annotation_is_described_in_words():
    assert describe(None | float) == "a number or none"
    assert describe(dict[str, int]) == "pairs such as {a:1,b:2}"


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none())
def test_every_scalar_survives_being_written_and_guessed(value):
    assert TEXT.read(str(value), object, "x") == value


@given(st.text())
def test_any_text_is_read_or_refused_but_never_crashes(text):
    for annotation in (int | None, tuple[float, ...], dict[str, int], Literal["a"], object):
        try:
            TEXT.read(text, annotation, "x")
        except ValueError as error:
            assert len(str(error).splitlines()) == 1
